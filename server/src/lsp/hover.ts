import { type Hover, MarkupKind } from 'vscode-languageserver';
import type { TextDocument } from 'vscode-languageserver-textdocument';
import type { Finding } from '../audit/finding.ts';
import { addressOf } from '../audit/finding-address.ts';
import { type ChainLink, chainOf } from '../audit/finding-chain.ts';
import { showLine } from '../errors/visible-text.ts';
import type { Description } from '../language/description.ts';
import type { ClientFeatures } from './client.ts';
import { toMarkdown, toPlainText, writeInline } from './markdown.ts';
import { toRange } from './to-protocol.ts';

const LABELS: Readonly<Record<ChainLink['kind'], string>> = {
  rule: 'Why',
  trial: 'Tried',
  owner: 'Package',
  seen: 'Seen',
};

/** The reason comes first, and the accesses that it follows from last. */
const ORDER = Object.keys(LABELS) as readonly ChainLink['kind'][];

/** What a hover is made of. */
export interface Hovered {
  readonly findings: readonly Finding[];
  /** The description of the word at the place. */
  readonly description: Description | undefined;
}

/**
 * Explains the findings at an offset: the rule, what trials have shown, the package, and the accesses, unless the client shows those itself. The
 * hover does not repeat the message, because editors show it too. The description of the word follows.
 *
 * @returns undefined if no finding there has a chain, and the word no description
 */
export function toHover(
  document: TextDocument,
  { findings, description }: Hovered,
  offset: number,
  { markdownHover, diagnosticsInHover, terminalCommand }: ClientFeatures,
): Hover | undefined {
  const explained = findings
    .filter(({ range }) => range.start <= offset && offset <= range.end)
    .map((finding) => ({ finding, chain: orderChain(chainOf(finding), diagnosticsInHover) }))
    .filter(({ chain }) => chain.length > 0);
  const range = explained[0]?.finding.range ?? description?.range;
  if (range === undefined) return undefined;
  const terminal = terminalCommand && linkTo(terminalCommand, document.uri);
  const parts = explained.map(({ finding, chain }) =>
    markdownHover ? writeMarkdown(finding, chain, terminal) : writePlain(finding, chain),
  );
  if (description !== undefined)
    parts.push((markdownHover ? toMarkdown : toPlainText)(description.paragraphs));
  return {
    range: toRange(document, range),
    contents: {
      kind: markdownHover ? MarkupKind.Markdown : MarkupKind.PlainText,
      value: parts.join(markdownHover ? '\n\n---\n\n' : '\n\n'),
    },
  };
}

function orderChain(chain: readonly ChainLink[], leavesSeen: boolean): readonly ChainLink[] {
  return ORDER.flatMap((kind) =>
    chain.filter((link) => link.kind === kind && !(leavesSeen && kind === 'seen')),
  );
}

/** @param terminal the address of a link that opens a terminal in the view of the build, if there is one */
function writeMarkdown(finding: Finding, chain: readonly ChainLink[], terminal: string | undefined): string {
  return [
    `[${writeInline(finding.code)}](${addressOf(finding)})`,
    '',
    ...chain.map(({ kind, text }) => `- *${LABELS[kind]}:* ${writeInline(text)}`),
    ...(terminal !== undefined && failsWithout(finding)
      ? ['', `[Open a terminal where the build fails](${terminal})`]
      : []),
  ].join('\n');
}

/** Whether it is about something that the build has failed without. */
const failsWithout = ({ why, severity }: Finding): boolean => why !== undefined && severity === 'error';

/** The address of a link that runs a command of VS Code with the URI of a document. */
const linkTo = (command: string, uri: string): string =>
  `command:${command}?${encodeURIComponent(JSON.stringify([uri])).replace(/[()]/g, (sign) => (sign === '(' ? '%28' : '%29'))}`;

function writePlain(finding: Finding, chain: readonly ChainLink[]): string {
  return [finding.code, ...chain.map(({ kind, text }) => `${LABELS[kind]}: ${oneLine(text)}`)].join('\n');
}

function oneLine(text: string): string {
  return showLine(text).replace(/ +/g, ' ');
}
