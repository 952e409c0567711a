/** The line and the UTF-16 code unit of an offset, both from 0. */
export function positionIn(
  text: string,
  offset: number,
): { readonly line: number; readonly character: number } {
  let line = 0;
  let start = 0;
  for (let end = text.indexOf('\n'); end >= 0 && end < offset; end = text.indexOf('\n', start)) {
    line++;
    start = end + 1;
  }
  return { line, character: offset - start };
}
