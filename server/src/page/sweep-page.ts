/** A sweep as a page: what was found, by code, by maintainer and by eclass. Its size does not depend on the number of ebuilds. */
import type { FindingCode } from '../audit/finding.ts';
import { addressOf } from '../audit/finding-address.ts';
import { showLine, showName } from '../errors/visible-text.ts';
import type { AddedFinding, CodeRow, GroupRow, Note, SweepSummary } from '../sweep/tally.ts';
import { cutText } from './cut-text.ts';
import { sentence } from './html-finding.ts';
import { formatFooter, formatPage } from './html-page.ts';
import { type Html, html, NOTHING } from './html-text.ts';

/** What the page is of. */
export interface SweepState {
  readonly summary: SweepSummary;
  /** The number of ebuilds of the sweep. */
  readonly total: number;
  readonly isFinished: boolean;
}

/** More rows are left out, and counted; the journal has them. */
const MOST_ROWS = 300;
/** In characters. A sentence of a build may quote a long line. */
const LONGEST_SENTENCE = 300;

/** On a small screen, a table with seven columns has room only if words may break. */
const NARROW = 'th, td { overflow-wrap: anywhere; hyphens: auto; }';

/** Formats a sweep. @param now milliseconds since the epoch */
export function formatSweepPage({ summary, total, isFinished }: SweepState, now: number): string {
  const { added, codes, maintainers, eclasses, notJudged, notTried } = summary;
  const body = html`<header>
<h1>Sweep of ${countOf(total, 'ebuild')}</h1>
<p class="counts">${describeCounts(summary)}</p>
<p class="soft">${describeState(summary, total, isFinished)} The findings with their evidence and edits are in <code>sweep.jsonl</code> beside this page. Advice is what is no error and no warning.</p>
</header>
<main>
${added === undefined ? NOTHING : section('New since the last sweep', formatAdded(added))}
${section('By code', formatCodes(codes, added !== undefined))}
${section('By maintainer', formatGroups('Maintainer', maintainers, added !== undefined))}
${section('By eclass', formatGroups('Eclass', eclasses, added !== undefined))}
${section('Not judged', formatNotes(notJudged, summary.unjudged, 'Every build passed, or its findings explain why it failed.'))}
${section('Not tried', formatNotes(notTried, summary.untried, 'Every ebuild could be tried.'))}
</main>
${formatFooter(now)}`;
  return formatPage('Sweep', body, NARROW);
}

function describeCounts({ clean, faulty, unjudged, untried }: SweepSummary): string {
  return `${clean} clean, ${faulty} with errors or warnings, ${unjudged} not judged, ${untried} not tried.`;
}

function describeState({ ebuilds, fromRecords }: SweepSummary, total: number, isFinished: boolean): string {
  const records = fromRecords === 0 ? '' : ` Stored records answered ${countOf(fromRecords, 'trial')}.`;
  if (isFinished) return `All trials have ended.${records}`;
  return `${countOf(ebuilds, 'ebuild')} of ${total} ${ebuilds === 1 ? 'has' : 'have'} ended so far.${records}`;
}

function section(title: string, content: Html): Html {
  const id = title.toLowerCase().replaceAll(' ', '-');
  return html`<section aria-labelledby="${id}">
<h2 id="${id}">${title}</h2>
${content}
</section>`;
}

function formatAdded({ count, first }: { readonly count: number; readonly first: readonly AddedFinding[] }) {
  if (count === 0) return html`<p>No finding is new.</p>`;
  const rows = first
    .slice(0, MOST_ROWS)
    .map(
      ({ file, code, severity, message }) =>
        html`<tr><th scope="row"><code>${showName(file)}</code></th><td><span class="${`severity ${severity}`}">${severity}</span> ${formatCode(code)}</td><td>${shorten(message)}</td></tr>`,
    );
  return table(['Ebuild', 'Finding', 'What it says'], rows, count);
}

function formatCodes(codes: readonly CodeRow[], hasAdded: boolean): Html {
  if (codes.length === 0) return html`<p>Nothing was found.</p>`;
  const rows = codes.slice(0, MOST_ROWS).map((row) => {
    const examples = html`<details><summary>${row.ebuilds}</summary>
<ul>
${row.examples.map((file) => html`<li><code>${showName(file)}</code></li>`)}
${row.ebuilds > row.examples.length ? html`<li>${row.ebuilds - row.examples.length} more</li>` : NOTHING}
</ul>
</details>`;
    return html`<tr><th scope="row">${formatCode(row.name)}</th><td>${examples}</td>${formatNumbers(row, hasAdded)}</tr>`;
  });
  return table(['Code', 'Ebuilds', ...numberTitles(hasAdded)], rows, codes.length);
}

function formatGroups(title: string, groups: readonly GroupRow[], hasAdded: boolean): Html {
  if (groups.length === 0) return html`<p>There is none.</p>`;
  const rows = groups
    .slice(0, MOST_ROWS)
    .map(
      (row) =>
        html`<tr><th scope="row"><code>${showName(row.name)}</code></th><td class="number">${row.ebuilds}</td><td class="number">${row.faulty}</td>${formatNumbers(row, hasAdded)}</tr>`,
    );
  const titles = [title, 'Ebuilds', 'With errors or warnings', ...numberTitles(hasAdded)];
  return table(titles, rows, groups.length);
}

const numberTitles = (hasAdded: boolean) => ['Errors', 'Warnings', 'Advice', ...(hasAdded ? ['New'] : [])];

function formatNumbers({ errors, warnings, advice, added }: GroupRow | CodeRow, hasAdded: boolean): Html[] {
  const numbers = [errors, warnings, advice, ...(hasAdded ? [added] : [])];
  return numbers.map((number) => html`<td class="number">${number}</td>`);
}

function formatNotes(notes: readonly Note[], count: number, none: string): Html {
  if (count === 0) return html`<p>${none}</p>`;
  const rows = notes
    .slice(0, MOST_ROWS)
    .map(
      ({ file, sentence: said }) =>
        html`<tr><th scope="row"><code>${showName(file)}</code></th><td>${shorten(said)}</td></tr>`,
    );
  return table(['Ebuild', 'Why'], rows, count);
}

/** @param count the number of rows, with those that are left out */
function table(titles: readonly string[], rows: readonly Html[], count: number): Html {
  const left = count - rows.length;
  return html`<table><thead><tr>${titles.map((title) => html`<th scope="col">${title}</th>`)}</tr></thead>
<tbody>
${rows}
</tbody></table>
${left > 0 ? html`<p class="soft">${left} more are left out.</p>` : NOTHING}`;
}

function formatCode(code: string): Html {
  const name = showLine(code);
  // A journal may be edited, and its words must lead nowhere else.
  if (!/^[a-z-]+$/.test(code)) return html`<code>${name}</code>`;
  return html`<a href="${addressOf({ code: code as FindingCode })}"><code>${name}</code></a>`;
}

const shorten = (text: string): Html => sentence(cutText(showLine(text), LONGEST_SENTENCE));

const countOf = (count: number, noun: string) => `${count} ${noun}${count === 1 ? '' : 's'}`;
