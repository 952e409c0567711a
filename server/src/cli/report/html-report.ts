/**
 * The review as one page that needs neither a network nor a script. It has the sentences of the other forms, and the whole chain of each
 * finding, the edits of each fix, the packages, the USE states, and the time line.
 */
import type { Finding } from '../../audit/finding.ts';
import type { TrialRecord } from '../../audit/record.ts';
import { showLine, showName } from '../../errors/visible-text.ts';
import { formatFinding, formatHead, sentence } from '../../page/html-finding.ts';
import { formatPackages } from '../../page/html-graph.ts';
import { formatFooter, formatPage } from '../../page/html-page.ts';
import { formatStates } from '../../page/html-states.ts';
import { type Html, html, NOTHING } from '../../page/html-text.ts';
import { listPackages } from '../../page/package-graph.ts';
import type { Review, ReviewedEbuild } from '../../review/review.ts';
import { formatTrialTimes } from './html-trial-times.ts';
import type { ReviewSetting } from './report.ts';
import { describeLeftOut, describeOrigin, describeTrials, headline, listCodes } from './review-sentences.ts';

/** Formats a review. */
export function formatHtml(review: Review, { now }: ReviewSetting): string {
  const title = `Review of ${showLine(review.headName)} against ${showLine(review.baseName)}`;
  const notes = describeLeftOut(review).map((note) => html`<p>${sentence(note)}</p>`);
  const sections = review.ebuilds.map((ebuild, at) => formatEbuild(ebuild, at + 1, now()));
  const body = html`<header>
<h1>${title}</h1>
<p class="counts">${review.ebuilds.length === 0 ? sentence(headline(review)) : headline(review)}</p>
</header>
<main>
${review.ebuilds.length === 0 ? NOTHING : formatOverview(review.ebuilds)}
${notes}
${sections}
${formatTrialTimes(review)}
</main>
${formatFooter(now())}`;
  return formatPage(title, body);
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
${added.map((finding, at) => formatFinding({ path, text: after.text }, finding, `finding-${number}-${at + 1}`))}
${formatRest('Fixed', fixed, before?.text ?? '')}
${formatRest('Unchanged', unchanged, after.text)}
${formatRest('In the baseline', known, after.text)}
${after.trial.kind === 'done' ? formatTrial(path, after.trial.record) : NOTHING}
</section>`;
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
