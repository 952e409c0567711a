/** More words than this, and longer ones, are not what somebody wrote by hand. */
const MOST = 200;
const LONGEST = 500;

/**
 * Expands the braces of a word as bash does: `python3_{11..13}`, `{a,b{1,2}}`. A brace without a comma or a range stands for itself.
 *
 * @param word without quotes and expansions of variables
 * @returns undefined if there are too many, or the word is too long
 */
export function expandBraces(word: string): readonly string[] | undefined {
  if (word.length > LONGEST) return undefined;
  const done: string[] = [];
  const waiting = [word];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (done.length + waiting.length >= MOST) return undefined;
    const group = findGroup(next);
    if (group === undefined) done.push(next);
    else {
      const { start, end, parts } = group;
      for (const part of parts.toReversed()) waiting.push(next.slice(0, start) + part + next.slice(end));
    }
  }
  return done;
}

/** The first pair of braces that bash expands, with what it stands for. */
function findGroup(
  word: string,
): { readonly start: number; readonly end: number; readonly parts: readonly string[] } | undefined {
  for (let start = word.indexOf('{'); start >= 0; start = word.indexOf('{', start + 1)) {
    let depth = 0;
    let from = start + 1;
    const parts: string[] = [];
    for (let at = start; at < word.length; at++) {
      if (word[at] === '{') depth++;
      else if (word[at] === ',' && depth === 1) {
        parts.push(word.slice(from, at));
        from = at + 1;
      } else if (word[at] === '}' && --depth === 0) {
        if (parts.length > 0) return { start, end: at + 1, parts: [...parts, word.slice(from, at)] };
        const range = readRange(word.slice(start + 1, at));
        if (range !== undefined) return { start, end: at + 1, parts: range };
        break;
      }
    }
  }
  return undefined;
}

function readRange(text: string): readonly string[] | undefined {
  const [, first, last] = /^(\d{1,6})\.\.(\d{1,6})$/.exec(text) ?? [];
  if (first === undefined || last === undefined) return undefined;
  const [from, to] = [Number(first), Number(last)];
  const step = from <= to ? 1 : -1;
  const count = Math.min(Math.abs(to - from), MOST) + 1;
  return Array.from({ length: count }, (_, at) => String(from + at * step));
}
