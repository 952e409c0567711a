/**
 * One trial as a page for a tab of an editor: its findings with their evidence and edits, the packages by the number of accesses, and what the
 * trial did not see, and what took how long.
 */
import { conclude } from '../audit/conclusion.ts';
import type { Verdict } from '../audit/finding.ts';
import { inTextOrder } from '../audit/finding-order.ts';
import type { TrialRecord } from '../audit/record.ts';
import { listSeenPackages, type SeenPackage } from '../audit/seen/seen-packages.ts';
import { showLine } from '../errors/visible-text.ts';
import { packageId } from '../pms/package-id.ts';
import { EVIDENCE_KEPT } from '../trace/evidence.ts';
import { type Bar, formatBars } from './html-bars.ts';
import { formatFinding, type JudgedText, sentence } from './html-finding.ts';
import { formatPackages } from './html-graph.ts';
import { formatFooter, formatPage } from './html-page.ts';
import { formatStates } from './html-states.ts';
import { EDITOR_STYLE } from './html-style.ts';
import { type Html, html, NOTHING } from './html-text.ts';
import { formatTimeLine, kindOfPhase, type TimedPart } from './html-time-line.ts';
import { listPackages } from './package-graph.ts';

/** A trial, and what it says of the current text. */
export interface ShownTrial extends JudgedText {
  readonly record: TrialRecord;
  readonly verdict: Verdict;
  /** An input of the trial, besides the text, that has changed since. */
  readonly change: string | undefined;
}

/** Formats a trial. @param now milliseconds since the epoch */
export function formatTrialPage(trial: ShownTrial, now: number): string {
  const { record, verdict, change } = trial;
  const name = `${record.category}/${record.packageAndVersion}`;
  const title = `Trial of ${showLine(name)}`;
  const { message } = conclude(record, verdict, { now, change });
  const states = formatStates(record);
  const body = html`<header>
<h1>${title}</h1>
<p class="counts">${sentence(message)}</p>
<p class="soft">${sentence(describeOrigin(record))}</p>
</header>
<main>
${formatFindings(trial)}
${formatAccesses(record)}
${formatRoles(trial)}
${states === NOTHING ? NOTHING : html`<section aria-labelledby="states"><h2 id="states">USE states</h2>${states}</section>`}
${formatPhases(record)}
${formatGaps(record)}
</main>
${formatFooter(now)}`;
  return formatPage(title, body, EDITOR_STYLE);
}

/** With what, when and by whom it was built. */
function describeOrigin({ packageManager, storedAt, sharedBy, use, iuse }: TrialRecord): string {
  const flags = iuse.map((flag) => (use.includes(flag) ? flag : `-${flag}`));
  const parts = [
    `Built with ${packageManager}`,
    ...(flags.length === 0 ? [] : [`USE="${flags.join(' ')}"`]),
    ...(storedAt === undefined ? [] : [`stored ${new Date(storedAt).toISOString()}`]),
    ...(sharedBy === undefined ? [] : [`signed by ${sharedBy.join(', ')}`]),
  ];
  return `${parts.join(', ')}.`;
}

function formatFindings(trial: ShownTrial): Html {
  const { findings, silenced = [] } = trial.verdict;
  const articles = inTextOrder(findings).map((finding, at) =>
    formatFinding(trial, finding, `finding-${at + 1}`),
  );
  const ignored = silenced.map(
    ({ finding, reason, place }) =>
      html`<li><code>${finding.code}</code>: ${sentence(finding.message)} ${sentence(`Silenced in ${place}: ${reason}`)}</li>`,
  );
  return html`<section aria-labelledby="findings">
<h2 id="findings">Findings</h2>
${articles.length === 0 ? html`<p>No findings.</p>` : articles}
${ignored.length === 0 ? NOTHING : html`<details><summary>Silenced: ${ignored.length}</summary><ul>${ignored}</ul></details>`}
</section>`;
}

function formatAccesses(record: TrialRecord): Html {
  const seen = listSeenPackages([record, ...record.variants]);
  if (seen.length === 0)
    return html`<section aria-labelledby="accesses">
<h2 id="accesses">Packages by number of accesses</h2>
<p>The trial saw no package.</p>
</section>`;
  const bars = seen.map(toBar).sort((left, right) => right.count - left.count);
  return html`<section aria-labelledby="accesses">
<h2 id="accesses">Packages by number of accesses</h2>
<p class="soft">A record keeps up to ${EVIDENCE_KEPT} files of a package for each way in which it is used, and the numbers count only their accesses.</p>
${formatBars(['Package', 'What the trial saw', 'Accesses'], bars)}
</section>`;
}

function toBar(seen: SeenPackage): Bar {
  return {
    name: packageId(seen.package),
    role: describeRole(seen),
    count: seen.accesses.reduce((sum, { access }) => sum + access.count, 0),
    isMissing: seen.state === 'needed',
  };
}

function formatRoles({ path, record }: ShownTrial): Html {
  const packages = listPackages(record);
  if (packages.length === 0) return NOTHING;
  return html`<section aria-labelledby="packages">
<h2 id="packages">Packages and their roles</h2>
${formatPackages(path, packages)}
</section>`;
}

const LICENCES = {
  declared: 'used, declared',
  closure: 'used, brought by other packages',
  system: 'used, in @system',
} as const;

function describeRole({ state, licence, variables }: SeenPackage): string {
  if (state === 'needed') return `needed and not declared in ${variables.join(' and ')}`;
  if (state === 'named') return 'named by installed files';
  if (state === 'looked-for') return 'looked for, not needed';
  return licence === undefined ? 'used' : LICENCES[licence];
}

/** A row for each phase; one that came more than once has a part for each time. */
function formatPhases({ time }: TrialRecord): Html {
  if (time === undefined) return NOTHING;
  const rows = new Map<string, TimedPart[]>();
  for (const [at, { name, began }] of time.phases.entries()) {
    const part = { kind: kindOfPhase(name), began, ended: time.phases[at + 1]?.began ?? time.took };
    rows.set(name, [...(rows.get(name) ?? []), part]);
  }
  return formatTimeLine({
    rows: [...rows].map(([name, parts]) => ({ name, parts })),
    elapsed: time.took,
    subject: 'Phase',
  });
}

function formatGaps({ gaps }: TrialRecord): Html {
  if (gaps.length === 0) return NOTHING;
  return html`<section aria-labelledby="gaps">
<h2 id="gaps">Not observed</h2>
<ul>${gaps.map((gap) => html`<li>${sentence(gap)}</li>`)}</ul>
</section>`;
}
