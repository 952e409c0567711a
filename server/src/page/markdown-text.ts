import { showLine } from '../errors/visible-text.ts';
import { escapeXml } from './xml-text.ts';

/** A word that means nothing to Markdown, GitHub or Forgejo, with its punctuation. `1.` and `1)` may begin a list. */
const PLAIN_WORD = /^["“(]?(?:\p{L}+(?:['’-]\p{L}+)*["”)]{0,2}[.,:;]?|\d{1,6}[,:;]?)$|^[–›]$/u;
/** What GitHub takes for a commit. */
const COMMIT = /[0-9a-f]{7}/i;

/**
 * Writes a sentence as Markdown in one line. Every word that is not plain becomes code: a path, an atom, and whatever an ebuild might place to
 * be markup, a link, a mention, a reference, a formula or an emoji. A backslash would not do, because mentions and references are looked for
 * after Markdown is read.
 */
export function toMarkdown(sentence: string): string {
  return markNames(sentence, toCode);
}

/** Like {@link toMarkdown}, as HTML. */
export function toHtml(sentence: string): string {
  return markNames(sentence, (name) => `<code>${escapeXml(name)}</code>`);
}

function markNames(sentence: string, mark: (name: string) => string): string {
  return showLine(sentence)
    .split(' ')
    .filter((word) => word !== '')
    .map((word) => {
      if (PLAIN_WORD.test(word) && !COMMIT.test(word)) return word;
      // The punctuation of the sentence is no part of a name.
      const [, name = word, end = ''] = /^(.+?)([.,:;]?)$/u.exec(word) ?? [];
      return `${mark(name)}${end}`;
    })
    .join(' ');
}

/** A block of code. The text may be empty; a line break at its end is not doubled. */
export function toCodeBlock(language: string, text: string): string {
  const fence = '`'.repeat(Math.max(3, longestRun(text, /`+/g) + 1));
  return `${fence}${language}\n${text}${text === '' || text.endsWith('\n') ? '' : '\n'}${fence}`;
}

/** A text as code within a line. */
export function toCode(text: string): string {
  const line = showLine(text);
  const fence = '`'.repeat(longestRun(line, /`+/g) + 1);
  // One blank at each end is taken away, and a backtick there would belong to the fence.
  const isOpen = /^[` ]|[` ]$/.test(line) || line === '';
  return isOpen ? `${fence} ${line} ${fence}` : `${fence}${line}${fence}`;
}

/** The length of the longest run that a pattern finds. */
function longestRun(text: string, pattern: RegExp): number {
  return Math.max(0, ...(text.match(pattern) ?? []).map(({ length }) => length));
}
