/**
 * The review as one page that needs neither a network nor a script. It has the sentences of the other forms, and the whole chain of each
 * finding, the edits of each fix, the packages, the USE states, and the time line.
 */
import picocolors from 'picocolors';
import type { Finding, Fix } from '../../audit/finding.ts';
import { addressOf, PROJECT } from '../../audit/finding-address.ts';
import { type ChainLink, chainOf } from '../../audit/finding-chain.ts';
import type { TrialRecord } from '../../audit/record.ts';
import { applyEdits } from '../../ebuild/text-edit.ts';
import { showLine, showName } from '../../errors/visible-text.ts';
import { PRODUCT_VERSION } from '../../host/product-version.ts';
import type { Review, ReviewedEbuild } from '../../review/review.ts';
import { formatDiff } from './finding-text.ts';
import { formatPackages } from './html-graph.ts';
import { POLICY, STYLE } from './html-style.ts';
import { asHtml, type Html, html, NOTHING } from './html-text.ts';
import { formatTimeLine } from './html-time-line.ts';
import { placeAt } from './line-index.ts';
import { toHtml } from './markdown-text.ts';
import { listPackages } from './package-graph.ts';
import type { ReviewSetting } from './report.ts';
import { describeLeftOut, describeOrigin, describeTrials, headline, listCodes } from './review-sentences.ts';

/** Formats a review. */
export function formatHtml(review: Review, { now }: ReviewSetting): string {
  const title = `Review of ${showLine(review.headName)} against ${showLine(review.baseName)}`;
  const notes = describeLeftOut(review).map((note) => html`<p>${sentence(note)}</p>`);
  const sections = review.ebuilds.map((ebuild, at) => formatEbuild(ebuild, at + 1, now()));
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="color-scheme" content="light dark">
<title>${title} – Ebuild Audit</title>
<style>${asHtml(STYLE)}</style>
</head>
<body>
<header>
<h1>${title}</h1>
<p class="counts">${review.ebuilds.length === 0 ? sentence(headline(review)) : headline(review)}</p>
</header>
<main>
${review.ebuilds.length === 0 ? NOTHING : formatOverview(review.ebuilds)}
${notes}
${sections}
${formatTimeLine(review)}
</main>
<footer><p>Written by <a href="${PROJECT}">Ebuild Audit</a> ${PRODUCT_VERSION}, ${new Date(now()).toISOString()}.</p></footer>
</body>
</html>`.markup;
}

/** One row for each ebuild. */
function formatOverview(ebuilds: readonly ReviewedEbuild[]): Html {
  const rows = ebuilds.map((ebuild, at) => {
    const { added, fixed, unchanged, path } = ebuild;
    const counts = [added, fixed, unchanged].map(({ length }) => html`<td class="number">${length}</td>`);
    return html`<tr><th scope="row"><a href="${`#ebuild-${at + 1}`}">${showName(path)}</a></th>${counts}<td>${formatVerdict(ebuild)}</td></tr>`;
  });
  const titles = ['Ebuild', 'New', 'Fixed', 'Unchanged', 'Verdict'];
  return html`<table>
<thead><tr>${titles.map((name) => html`<th scope="col">${name}</th>`)}</tr></thead>
<tbody>
${rows}
</tbody>
</table>`;
}

function formatVerdict({ added, isJudged }: ReviewedEbuild): Html {
  if (added.some(({ severity }) => severity === 'error' || severity === 'warning'))
    return html`<strong class="bad">new errors or warnings</strong>`;
  return isJudged
    ? html`<span class="good">no new error or warning</span>`
    : html`<strong class="bad">not judged</strong>`;
}

function formatEbuild(ebuild: ReviewedEbuild, number: number, now: number): Html {
  const { path, before, after, added, fixed, unchanged, known = [] } = ebuild;
  const notes = describeTrials(ebuild, now).map(
    ({ label, text }) =>
      html`<li>${label === '' ? NOTHING : html`<strong>${label}</strong>: `}${sentence(text)}</li>`,
  );
  const isSilent = added.length + fixed.length + unchanged.length + known.length === 0 && ebuild.isJudged;
  return html`<section aria-labelledby="${`ebuild-${number}`}">
<h2 id="${`ebuild-${number}`}">${showName(path)}</h2>
<p class="soft">${sentence(describeOrigin(ebuild))}</p>
${isSilent ? html`<p>No findings.</p>` : NOTHING}
${notes.length === 0 ? NOTHING : html`<ul>${notes}</ul>`}
${added.map((finding, at) => formatNew(ebuild, finding, `finding-${number}-${at + 1}`))}
${formatRest('Fixed', fixed, before?.text ?? '')}
${formatRest('Unchanged', unchanged, after.text)}
${formatRest('In the baseline', known, after.text)}
${after.trial.kind === 'done' ? formatTrial(path, after.trial.record) : NOTHING}
</section>`;
}

/** A finding with all its evidence and edits. */
function formatNew({ path, after: { text } }: ReviewedEbuild, finding: Finding, id: string): Html {
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

function formatHead(finding: Finding, text: string): Html {
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
  const lines = formatDiff(path, text, applyEdits(text, edits), picocolors.createColors(false));
  // The first two lines only name the file.
  return html`${heading}
<pre class="diff"><code>${asHtml(lines.slice(2).map(formatDiffLine).join(''))}</code></pre>`;
}

function formatDiffLine(line: string): string {
  // The line breaks are for those who copy it, or read it without the style.
  if (line.startsWith('+')) return html`<ins>${line}\n</ins>`.markup;
  if (line.startsWith('-')) return html`<del>${line}\n</del>`.markup;
  return (line.startsWith('@@') ? html`<span class="place">${line}</span>\n` : html`${line}\n`).markup;
}

/** Findings that the change does not bring, folded. */
function formatRest(title: string, findings: readonly Finding[], text: string): Html {
  if (findings.length === 0) return NOTHING;
  const items = findings.map(
    (finding) => html`<li>${formatHead(finding, text)}
<p class="message">${sentence(finding.message)}</p></li>`,
  );
  return html`<details><summary>${title}: ${listCodes(findings)}</summary>
<ul>
${items}
</ul>
</details>`;
}

/** What the trial of the head was, and the packages that it used. */
function formatTrial(path: string, record: TrialRecord): Html {
  const name = `${record.category}/${record.packageAndVersion}`;
  const packages = formatPackages(path.slice(path.lastIndexOf('/') + 1), listPackages(record));
  const stored =
    record.storedAt === undefined ? '' : `, from the record of ${new Date(record.storedAt).toISOString()}`;
  return html`<h3>The trial</h3>
<p>${sentence(`${name} with ${record.packageManager}${stored}.`)}</p>
${formatStates(record)}
${packages}`;
}

/** The USE states that were tried, if there are several. */
function formatStates(record: TrialRecord): Html {
  if (record.variants.length === 0) return NOTHING;
  const rows = [record, ...record.variants].map(({ iuse, use, outcome, failure }) => {
    const flags = iuse.map((flag) => (use.includes(flag) ? flag : `-${flag}`)).join(' ');
    const end = failure === undefined ? outcome : `failed in ${failure.phase}: ${failure.firstError}`;
    return html`<tr><th scope="row"><code>${showLine(flags)}</code></th><td>${sentence(end)}</td></tr>`;
  });
  return html`<table><thead><tr><th scope="col">USE state</th><th scope="col">Build</th></tr></thead>
<tbody>
${rows}
</tbody></table>`;
}

/** A sentence in which names are marked as such. */
const sentence = (text: string): Html => asHtml(toHtml(text));
