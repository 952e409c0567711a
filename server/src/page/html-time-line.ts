/** What ran when, as a drawing (inline SVG) and as a table. */
import { showName } from '../errors/visible-text.ts';
import { cutText } from './cut-text.ts';
import { printDuration } from './duration.ts';
import { asHtml, type Html, html, NOTHING } from './html-text.ts';

/** More rows make a drawing that nobody can read; the table stays. */
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
export type PartKind = keyof typeof KINDS;

/** A part of a row, in milliseconds since the time line begins. */
export interface TimedPart {
  readonly kind: PartKind;
  readonly began: number;
  readonly ended: number;
}

export interface TimedRow {
  readonly name: string;
  /** At least one. */
  readonly parts: readonly TimedPart[];
}

/** What a phase of `TrialProgress` belongs to. */
export function kindOfPhase(phase: string): PartKind {
  if (phase.startsWith('comparing')) return 'comparison';
  return / with USE=/.test(phase) ? 'state' : 'build';
}

/** What a time line shows. */
export interface TimeLine {
  /** In the order of time. */
  readonly rows: readonly TimedRow[];
  /** The length of the line, in milliseconds. */
  readonly elapsed: number;
  /** What a row is, e.g. `Trial`. */
  readonly subject: string;
}

/** Draws when each row ran, and lists the same in a table. */
export function formatTimeLine({ rows, elapsed, subject }: TimeLine): Html {
  if (rows.length === 0) return NOTHING;
  const used = new Set(rows.flatMap(({ parts }) => parts.map(({ kind }) => kind)));
  const legend = (Object.keys(KINDS) as PartKind[])
    .filter((kind) => used.has(kind))
    .map((kind) => html`<span class="${kind}">${KINDS[kind]}</span> `);
  const drawing = html`<div class="graph" role="group" tabindex="0" aria-label="Drawing of the time line">
${draw(rows, elapsed)}
</div>
<p class="legend">${legend}</p>`;
  return html`<section aria-labelledby="time-line">
<h2 id="time-line">Time line</h2>
${rows.length > MOST_DRAWN ? NOTHING : drawing}
<details><summary>The times as a table</summary>
${formatTable(rows, subject)}
</details>
</section>`;
}

function draw(rows: readonly TimedRow[], elapsed: number): Html {
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
  return html`<svg class="times" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${`When each of ${rows.length} rows ran. The table below lists the times.`}">
${bars}
<text x="${NAMES}" y="${base}">0 s</text><text x="${NAMES + BARS}" y="${base}">${printDuration(elapsed)}</text>
</svg>`;
}

function formatTable(rows: readonly TimedRow[], subject: string): Html {
  const lines = rows.map(({ name, parts }) => {
    const [first] = parts;
    const took = parts.map(({ kind, began, ended }) => `${KINDS[kind]} ${printDuration(ended - began)}`);
    return html`<tr><th scope="row"><code>${showName(name)}</code></th><td class="number">${printDuration(first?.began ?? 0)}</td><td>${took.join(', ')}</td></tr>`;
  });
  return html`<table><thead><tr><th scope="col">${subject}</th><th scope="col">Began after</th><th scope="col">Took</th></tr></thead>
<tbody>
${lines}
</tbody></table>`;
}
