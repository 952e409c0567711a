import { type MarkupContent, MarkupKind } from 'vscode-languageserver';
import { showLine, showText } from '../errors/visible-text.ts';
import type { Paragraph } from '../language/description.ts';
import type { ClientFeatures } from './client.ts';

/** A word that has no meaning in Markdown in the middle of a line: no link, no emphasis, no HTML. */
const PLAIN_WORD =
  /^(?:&|[(“"]?(?:(?:\d+\.)*|e\.g|i\.e)[\p{L}\p{N}\p{M}(),;:'’“”…–›?%+="-]*[)”’"]*[.!?]?[)”’"]*[.,;:]?)$/u;
/** A word that begins a list if it begins the line. */
const LIST_WORD = /^(?:[-+]|\d+[.)])$/;

/**
 * Writes a line that others have written, such as a path or the description of a package, as Markdown. Every word that could mean something
 * in Markdown stands in a code span, because editors show the backslashes of escapes.
 */
export function writeInline(text: string): string {
  const line: string[] = [];
  let code: string[] = [];
  const flush = (): void => {
    if (code.length === 0) return;
    const joined = code.join(' ');
    code = [];
    const [, inBrackets, after = ''] = /^\(([^()]+)\)([.,;:]*)$/.exec(joined) ?? [];
    if (inBrackets !== undefined) return void line.push(`(${codeSpan(inBrackets)})${after}`);
    const closing = (joined.includes('(') ? /[.,;:]+$/ : /[.,;:)]+$/).exec(joined)?.[0] ?? '';
    const inner = joined.slice(0, joined.length - closing.length);
    line.push(inner === '' ? codeSpan(closing) : codeSpan(inner) + closing);
  };
  for (const word of showLine(text).split(/ +/)) {
    if (word === '') continue;
    const isFirst = line.length === 0 && code.length === 0;
    if (isFirst && LIST_WORD.test(word)) line.push(/^[-+]$/.test(word) ? '–' : codeSpan(word));
    else if (PLAIN_WORD.test(word)) {
      flush();
      line.push(word);
    } else code.push(unquote(word));
  }
  flush();
  return line.join(' ');
}

/** A word that stands between backticks is code already. */
function unquote(word: string): string {
  return word.replace(/^(\(?)`([^`]+)`([.,;:)]*)$/, '$1$2$3');
}

function codeSpan(text: string): string {
  const fence = '`'.repeat(longestRun(text) + 1);
  const padding = text.startsWith('`') || text.endsWith('`') ? ' ' : '';
  return `${fence}${padding}${text}${padding}${fence}`;
}

/** The length of the longest run of backticks. */
function longestRun(text: string): number {
  return Math.max(0, ...Array.from(text.matchAll(/`+/g), ([run]) => run.length));
}

/** The documentation of a completion. */
export function toMarkup(
  paragraphs: readonly Paragraph[],
  { markdownCompletion }: ClientFeatures,
): MarkupContent {
  return markdownCompletion
    ? { kind: MarkupKind.Markdown, value: toMarkdown(paragraphs) }
    : { kind: MarkupKind.PlainText, value: toPlainText(paragraphs) };
}

/** Writes paragraphs as Markdown. */
export function toMarkdown(paragraphs: readonly Paragraph[]): string {
  return paragraphs.map(writeParagraph).join('\n\n');
}

function writeParagraph(paragraph: Paragraph): string {
  switch (paragraph.kind) {
    case 'code': {
      const fence = '`'.repeat(Math.max(3, longestRun(paragraph.text) + 1));
      return `${fence}ebuild\n${showText(paragraph.text)}\n${fence}`;
    }
    case 'text':
      return paragraph.text;
    case 'quote':
      return writeInline(paragraph.text);
    case 'facts':
      return paragraph.rows
        .map(([label, text]) => `- ${writeInline(label)}: ${writeInline(text)}`)
        .join('\n');
    case 'link':
      return `<${encodeURI(decodeSafely(paragraph.uri))}>`;
  }
}

/** Writes paragraphs for a client that shows no Markdown. */
export function toPlainText(paragraphs: readonly Paragraph[]): string {
  return paragraphs
    .map((paragraph) => {
      if (paragraph.kind === 'link') return showLine(paragraph.uri);
      if (paragraph.kind === 'text') return paragraph.text.replaceAll('`', '');
      if (paragraph.kind !== 'facts') return showText(paragraph.text);
      return paragraph.rows.map(([label, text]) => `${showLine(label)}: ${showLine(text)}`).join('\n');
    })
    .join('\n\n');
}

/** A URI that is encoded already is not encoded twice. */
function decodeSafely(uri: string): string {
  try {
    return decodeURI(uri);
  } catch {
    return uri;
  }
}
