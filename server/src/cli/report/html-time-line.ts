/** The trials of a review in the order of time, as a drawing (inline SVG) and as a table. */
import { showName } from '../../errors/visible-text.ts';
import { cutText } from '../../page/cut-text.ts';
import { asHtml, type Html, html, NOTHING } from '../../page/html-text.ts';
import type { AuditedSide, TrialTime } from '../../review/audit-side.ts';
import type { Review } from '../../review/review.ts';
import { printDuration } from './review-sentences.ts';

/** More trials make a drawing that nobody can read; the table stays. */
const MOST_DRAWN = 40;
const LONGEST_NAME = 40;

/** All in pixels. */
const NAMES = 330;
const BARS = 640;
const ROW = 24;
const BAR = 14;
const AXIS = 22;
/** A record is read in a moment. */
const NARROWEST = 2;

const KINDS = {
  build: 'build',
  comparison: 'builds for comparison',
  state: 'other USE states',
  record: 'read from a record',
};
type Kind = keyof typeof KINDS;

/** A part of a trial, in milliseconds since the review began. */
interface Part {
  readonly kind: Kind;
  readonly began: number;
  readonly ended: number;
}

interface Row {
  readonly name: string;
  /** At least one. */
  readonly parts: readonly Part[];
}

/** Draws when each trial of a review ran, and what it did, and lists the same. */
export function formatTimeLine(review: Review): Html {
  const rows = listRows(review);
  if (rows.length === 0) return NOTHING;
  const used = new Set(rows.flatMap(({ parts }) => parts.map(({ kind }) => kind)));
  const legend = (Object.keys(KINDS) as Kind[])
    .filter((kind) => used.has(kind))
    .map((kind) => html`<span class="${kind}">${KINDS[kind]}</span> `);
  const drawing = html`<div class="graph" role="group" tabindex="0" aria-label="Drawing of the time line">
${draw(rows, review.elapsed)}
</div>
<p class="legend">${legend}</p>`;
  return html`<section aria-labelledby="time-line">
<h2 id="time-line">Time line</h2>
${rows.length > MOST_DRAWN ? NOTHING : drawing}
<details><summary>The times as a table</summary>
${formatTable(rows)}
</details>
</section>`;
}

function listRows({ ebuilds, began }: Review): Row[] {
  const seen = new Set<TrialTime>();
  const rows = ebuilds.flatMap(({ path, from = path, before, after }) => [
    ...(before === undefined ? [] : toRow(`${nameOf(from)}, base`, before, began, seen)),
    ...toRow(nameOf(path), after, began, seen),
  ]);
  return rows.sort((left, right) => (left.parts[0]?.began ?? 0) - (right.parts[0]?.began ?? 0));
}

const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

/** @param seen the trials that have a row: the head may have answered for the base */
function toRow(name: string, { trial }: AuditedSide, start: number, seen: Set<TrialTime>): Row[] {
  if (trial.kind === 'refused' || seen.has(trial.time)) return [];
  seen.add(trial.time);
  const { began, ended, phases } = trial.time;
  const isStored = trial.record.storedAt !== undefined;
  const starts = [{ name: '', began }, ...phases].map((phase) => ({
    kind: isStored ? ('record' as const) : kindOf(phase.name),
    began: phase.began - start,
  }));
  const parts: Part[] = [];
  for (const [at, { kind, began: from }] of starts.entries()) {
    const to = starts[at + 1]?.began ?? ended - start;
    const last = parts.at(-1);
    if (last?.kind === kind) parts.splice(-1, 1, { ...last, ended: to });
    else parts.push({ kind, began: from, ended: to });
  }
  return [{ name, parts }];
}

/** What a phase of `TrialProgress` belongs to. */
function kindOf(phase: string): Kind {
  if (phase.startsWith('comparing')) return 'comparison';
  return / with USE=/.test(phase) ? 'state' : 'build';
}

function draw(rows: readonly Row[], elapsed: number): Html {
  const scale = BARS / Math.max(1, elapsed);
  const height = rows.length * ROW + AXIS;
  const bars = rows.map(({ name, parts }, at) => {
    const top = at * ROW + (ROW - BAR) / 2;
    const drawn = parts.map(({ kind, began, ended }) => {
      const width = Math.max(NARROWEST, (ended - began) * scale);
      const x = Math.min(NAMES + began * scale, NAMES + BARS - NARROWEST);
      return asHtml(
        `<rect class="${kind}" x="${x.toFixed(1)}" y="${top}" width="${width.toFixed(1)}" height="${BAR}"/>`,
      );
    });
    return html`<text x="0" y="${at * ROW + ROW / 2 + 4.5}">${cutText(showName(name), LONGEST_NAME)}</text>${drawn}`;
  });
  const base = rows.length * ROW + AXIS - 6;
  const width = NAMES + BARS + 80;
  return html`<svg class="times" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${`When each of ${rows.length} trials ran. The table below lists the times.`}">
${bars}
<text x="${NAMES}" y="${base}">0 s</text><text x="${NAMES + BARS}" y="${base}">${printDuration(elapsed)}</text>
</svg>`;
}

function formatTable(rows: readonly Row[]): Html {
  const lines = rows.map(({ name, parts }) => {
    const [first] = parts;
    const took = parts.map(({ kind, began, ended }) => `${KINDS[kind]} ${printDuration(ended - began)}`);
    return html`<tr><th scope="row"><code>${showName(name)}</code></th><td class="number">${printDuration(first?.began ?? 0)}</td><td>${took.join(', ')}</td></tr>`;
  });
  return html`<table><thead><tr><th scope="col">Trial</th><th scope="col">Began after</th><th scope="col">Took</th></tr></thead>
<tbody>
${lines}
</tbody></table>`;
}
