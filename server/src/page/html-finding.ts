/** A finding on a page: its message, the whole chain, and the edits of each fix. */
import picocolors from 'picocolors';
import type { Finding, Fix } from '../audit/finding.ts';
import { addressOf } from '../audit/finding-address.ts';
import { type ChainLink, chainOf } from '../audit/finding-chain.ts';
import { applyEdits } from '../ebuild/text-edit.ts';
import { asHtml, type Html, html, NOTHING } from './html-text.ts';
import { placeAt } from './line-index.ts';
import { toHtml } from './markdown-text.ts';
import { formatDiff } from './text-diff.ts';

/** The text that findings were judged for, and its path as a reader knows it. */
export interface JudgedText {
  readonly path: string;
  readonly text: string;
}

/** A finding with all its evidence and edits. */
export function formatFinding({ path, text }: JudgedText, finding: Finding, id: string): Html {
  const chain = chainOf(finding).map(formatLink);
  const { fix, alternatives = [] } = finding;
  const fixes = [
    ...(fix === undefined ? [] : [formatFix(path, text, fix, 'Fix')]),
    ...alternatives.map((other) => formatFix(path, text, other, fix === undefined ? 'Option' : 'Or')),
  ];
  return html`<article class="${finding.severity}" id="${id}">
${formatHead(finding, text)}
<p class="message">${sentence(finding.message)}</p>
${chain.length === 0 ? NOTHING : html`<h4>Evidence</h4><ol class="chain">${chain}</ol>`}
${fixes}
</article>`;
}

/** The heading of a finding: severity, code and place. */
export function formatHead(finding: Finding, text: string): Html {
  const { line, column } = placeAt(text, finding.range.start);
  return html`<h3><span class="${`severity ${finding.severity}`}">${finding.severity}</span> <a href="${addressOf(finding)}"><code>${finding.code}</code></a>, line ${line}, column ${column}</h3>`;
}

function formatLink({ kind, text }: ChainLink): Html {
  const label = kind === 'seen' ? NOTHING : html`<span class="kind">${kind}:</span> `;
  return html`<li>${label}${sentence(text)}</li>`;
}

function formatFix(
  path: string,
  text: string,
  { title, edits, guess }: Fix,
  label: 'Fix' | 'Or' | 'Option',
): Html {
  const doubt = guess === true && label === 'Fix' ? ' (perhaps not what the author means)' : '';
  const heading = html`<h4>${label}: ${sentence(title)}${doubt}</h4>`;
  if (edits.length === 0) return heading;
  return html`${heading}
${formatPatch(path, text, applyEdits(text, edits))}`;
}

/** The lines in which two texts differ. */
export function formatPatch(path: string, before: string, after: string): Html {
  const lines = formatDiff(path, before, after, picocolors.createColors(false));
  // The first two lines only name the file.
  return html`<pre class="diff"><code>${asHtml(lines.slice(2).map(formatDiffLine).join(''))}</code></pre>`;
}

function formatDiffLine(line: string): string {
  // The line breaks are for those who copy it, or read it without the style.
  if (line.startsWith('+')) return html`<ins>${line}\n</ins>`.markup;
  if (line.startsWith('-')) return html`<del>${line}\n</del>`.markup;
  return (line.startsWith('@@') ? html`<span class="place">${line}</span>\n` : html`${line}\n`).markup;
}

/** A sentence in which names are marked as such. */
export const sentence = (text: string): Html => asHtml(toHtml(text));
