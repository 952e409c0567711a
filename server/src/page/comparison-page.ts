/** Two trials of one ebuild side by side, as a page for a tab of an editor. */
import type { Finding } from '../audit/finding.ts';
import { showLine, showName } from '../errors/visible-text.ts';
import type { Difference, JudgedTrial, TrialComparison } from '../review/compare-trials.ts';
import type { ImageChanges, InstalledPlace } from '../review/image-changes.ts';
import { formatFinding, formatHead, formatPatch, type JudgedText, sentence } from './html-finding.ts';
import { formatFooter, formatPage } from './html-page.ts';
import { EDITOR_STYLE } from './html-style.ts';
import { type Html, html, NOTHING } from './html-text.ts';

/** One of the trials, and what it is called on the page. */
export interface NamedTrial extends JudgedTrial {
  /** When it ended, or that it is the one of this session. */
  readonly name: string;
}

/** What the page is of. */
export interface ComparedTrials {
  /** The file name of the ebuild. */
  readonly file: string;
  readonly before: NamedTrial;
  readonly after: NamedTrial;
  readonly comparison: TrialComparison;
}

/** More lines are left out, and counted. */
const MOST_ROWS = 500;

/** Formats a comparison. @param now milliseconds since the epoch */
export function formatComparisonPage(compared: ComparedTrials, now: number): string {
  const { file, before, after, comparison } = compared;
  const title = `Two trials of ${showLine(file)}`;
  const body = html`<header>
<h1>${title}</h1>
<p class="counts">${sentence(summarize(comparison))}</p>
<p class="soft">${sentence(`Before: ${before.name}.`)} ${sentence(`After: ${after.name}.`)}</p>
</header>
<main>
${formatFindings(compared)}
${section('Packages', formatDifferences('Package', comparison.packages, 'Both trials saw the same packages in the same ways.'))}
${section('Image', formatImage(comparison.image))}
${section('Build', formatDifferences('Part', comparison.build, 'Nothing that a record has of the builds differs.'))}
${section('Text', formatTexts(compared))}
</main>
${formatFooter(now)}`;
  return formatPage(title, body, EDITOR_STYLE);
}

function summarize({ findings: { added, fixed, unchanged }, packages, build }: TrialComparison): string {
  return `${added.length} new, ${fixed.length} fixed and ${unchanged.length} unchanged findings; ${packages.length} packages and ${build.length} parts of the build differ.`;
}

function section(title: string, content: Html): Html {
  const id = title.toLowerCase();
  return html`<section aria-labelledby="${id}">
<h2 id="${id}">${title}</h2>
${content}
</section>`;
}

function formatFindings({ file, before, after, comparison }: ComparedTrials): Html {
  const { added, fixed, unchanged } = comparison.findings;
  const now: JudgedText = { path: file, text: after.record.text };
  const articles = added.map((finding, at) => formatFinding(now, finding, `finding-${at + 1}`));
  return section(
    'Findings',
    html`${articles.length === 0 ? html`<p>No new findings.</p>` : articles}
${formatRest('Fixed', fixed, before.record.text)}
${formatRest('Unchanged', unchanged, after.record.text)}`,
  );
}

function formatRest(title: string, findings: readonly Finding[], text: string): Html {
  if (findings.length === 0) return NOTHING;
  const items = findings.map(
    (finding) => html`<li>${formatHead(finding, text)}
<p class="message">${sentence(finding.message)}</p></li>`,
  );
  return html`<details><summary>${title}: ${findings.length}</summary>
<ul>
${items}
</ul>
</details>`;
}

function formatDifferences(title: string, differences: readonly Difference[], none: string): Html {
  if (differences.length === 0) return html`<p>${none}</p>`;
  const rows = differences
    .slice(0, MOST_ROWS)
    .map(
      ({ name, before, after }) =>
        html`<tr><th scope="row">${showName(name)}</th><td>${showLine(before ?? '–')}</td><td>${showLine(after ?? '–')}</td></tr>`,
    );
  return html`<table><thead><tr><th scope="col">${title}</th><th scope="col">Before</th><th scope="col">After</th></tr></thead>
<tbody>
${rows}
</tbody></table>
${formatLeftOut(differences.length)}`;
}

function formatLeftOut(count: number): Html {
  return count > MOST_ROWS ? html`<p class="soft">${count - MOST_ROWS} more are left out.</p>` : NOTHING;
}

function formatImage(image: TrialComparison['image']): Html {
  if (image === undefined) return html`<p>Both images have the same files and link the same libraries.</p>`;
  if (image === 'unknown')
    return html`<p>The images cannot be compared: one of the records has no list of installed files, because its build failed or installs too many.</p>`;
  return html`${formatPlaces('Only after', image.added)}
${formatPlaces('Only before', image.removed)}
${formatLibraries(image)}`;
}

function formatPlaces(title: string, places: readonly InstalledPlace[]): Html {
  if (places.length === 0) return NOTHING;
  const items = places
    .slice(0, MOST_ROWS)
    .map(
      ({ path, files }) =>
        html`<li><code>${showName(path)}</code>${files === undefined ? '' : ` (${files} files)`}</li>`,
    );
  return html`<h3>${title}</h3>
<ul>
${items}
</ul>
${formatLeftOut(places.length)}`;
}

function formatLibraries({ sonames, newlyLinked, noLongerLinked }: ImageChanges): Html {
  const items = [
    ...sonames.map(({ before, after }) => `The soname ${before} becomes ${after}.`),
    ...newlyLinked.map(({ soname, path }) => `${path} links ${soname}, which nothing linked before.`),
    ...noLongerLinked.map(({ soname, path }) => `${path} linked ${soname}, which nothing links any more.`),
  ];
  if (items.length === 0) return NOTHING;
  return html`<h3>Libraries</h3>
<ul>
${items.slice(0, MOST_ROWS).map((item) => html`<li>${sentence(item)}</li>`)}
</ul>
${formatLeftOut(items.length)}`;
}

function formatTexts({ file, before, after, comparison }: ComparedTrials): Html {
  if (comparison.isSameText) return html`<p>Both trials built the same text.</p>`;
  return formatPatch(file, before.record.text, after.record.text);
}
