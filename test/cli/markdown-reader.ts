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

/** The lines of Markdown that are not in a block of code, and the blocks, each with its language and text. */
export function readBlocks(markdown: string): {
  readonly prose: readonly string[];
  readonly blocks: readonly { readonly language: string; readonly text: string }[];
} {
  const prose: string[] = [];
  const blocks: { language: string; text: string }[] = [];
  let open: { fence: string; language: string; lines: string[] } | undefined;
  for (const line of markdown.split('\n')) {
    const [, fence = '', rest = ''] = /^ {0,3}(`{3,})(.*)$/.exec(line) ?? [];
    if (open === undefined && fence !== '' && !rest.includes('`'))
      open = { fence, language: rest, lines: [] };
    else if (open === undefined) prose.push(line);
    else if (fence.length >= open.fence.length && rest.trim() === '') {
      blocks.push({ language: open.language, text: open.lines.map((text) => `${text}\n`).join('') });
      open = undefined;
    } else open.lines.push(line);
  }
  if (open !== undefined) throw new Error('A block of code has no end.');
  return { prose, blocks };
}
