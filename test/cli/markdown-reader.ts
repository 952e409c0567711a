/** Markdown without its code, as CommonMark reads code: from a run of backticks to the next one of the same length. */
export function withoutCode(markdown: string): string {
  let rest = markdown;
  let prose = '';
  for (;;) {
    const [, before = '', fence] = /^([^`]*)(`+)/.exec(rest) ?? [];
    if (fence === undefined) return prose + rest;
    const start = before.length + fence.length;
    const end = [...rest.slice(start).matchAll(/`+/g)].find(([run]) => run.length === fence.length);
    if (end === undefined) return prose + rest;
    prose += `${before}\u2423`;
    rest = rest.slice(start + end.index + fence.length);
  }
}
