import { type Hover, MarkupKind } from 'vscode-languageserver';
import type { TextDocument } from 'vscode-languageserver-textdocument';
import type { Finding } from '../audit/finding.ts';
import { addressOf } from '../audit/finding-address.ts';
import { type ChainLink, chainOf } from '../audit/finding-chain.ts';
import { showLine } from '../errors/visible-text.ts';
import type { ClientFeatures } from './client.ts';
import { toRange } from './to-protocol.ts';

const LABELS: Readonly<Record<ChainLink['kind'], string>> = {
  seen: 'Seen',
  owner: 'Owner',
  rule: 'Rule',
  trial: 'Trial',
};

/**
 * Explains the findings at an offset: the chain from phase to process, path, owner and rule. The hover does not repeat the message, because
 * editors show it too.
 *
 * @returns undefined if no finding there has a chain
 */
export function toHover(
  document: TextDocument,
  findings: readonly Finding[],
  offset: number,
  { markdownHover }: ClientFeatures,
): Hover | undefined {
  const explained = findings
    .filter(({ range }) => range.start <= offset && offset <= range.end)
    .map((finding) => ({ finding, chain: chainOf(finding) }))
    .filter(({ chain }) => chain.length > 0);
  const [first] = explained;
  if (first === undefined) return undefined;
  const write = markdownHover ? writeMarkdown : writePlain;
  return {
    range: toRange(document, first.finding.range),
    contents: {
      kind: markdownHover ? MarkupKind.Markdown : MarkupKind.PlainText,
      value: explained.map(({ finding, chain }) => write(finding, chain)).join('\n\n'),
    },
  };
}

function writeMarkdown(finding: Finding, chain: readonly ChainLink[]): string {
  return [
    `Why [${escapeMarkdown(finding.code)}](${addressOf(finding)})?`,
    '',
    ...chain.map(({ kind, text }) => `- *${LABELS[kind]}:* ${escapeMarkdown(text)}`),
  ].join('\n');
}

function writePlain(finding: Finding, chain: readonly ChainLink[]): string {
  return [`Why ${finding.code}?`, ...chain.map(({ kind, text }) => `${LABELS[kind]}: ${oneLine(text)}`)].join(
    '\n',
  );
}

/** Escapes a path: a build chooses its paths, and could otherwise write links and pictures into the editor. */
function escapeMarkdown(text: string): string {
  return oneLine(text).replace(/[!-/:-@[-`{-~]/g, '\\$&');
}

function oneLine(text: string): string {
  return showLine(text).replace(/ +/g, ' ');
}
