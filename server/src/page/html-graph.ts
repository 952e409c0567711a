/** The packages of a trial as a drawing (inline SVG) and as a table. */
import { showName } from '../errors/visible-text.ts';
import { cutText } from './cut-text.ts';
import { asHtml, type Html, html, NOTHING } from './html-text.ts';
import type { GraphPackage } from './package-graph.ts';

/** More packages make a drawing that nobody can read; the table stays. */
const MOST_DRAWN = 25;
/** The length of a name in the drawing; the table has the whole name. */
const LONGEST_NAME = 40;

/** All in pixels; a letter is that of a monospaced font of 13 pixels. */
const LETTER = 7.9;
const PADDING = 12;
const HEIGHT = 28;
const ROW = 38;
const GAP = 72;

const ROLE_WORDS: Readonly<Record<GraphPackage['role'], string>> = {
  missing: 'missing',
  'not-installed': 'declared, not installed',
  declared: 'declared',
  through: 'used through others',
};

interface Box {
  readonly label: string;
  readonly role: GraphPackage['role'] | 'ebuild';
  readonly x: number;
  readonly y: number;
  readonly width: number;
}

/** Draws the packages if they are few, and lists them. @param name that of the ebuild */
export function formatPackages(name: string, packages: readonly GraphPackage[]): Html {
  if (packages.length === 0) return NOTHING;
  const table = formatTable(packages);
  if (packages.length + 1 > MOST_DRAWN) return table;
  return html`<div class="graph" role="group" tabindex="0" aria-label="${`Drawing of the packages of ${showName(name)}`}">
${drawPackages(name, packages)}
</div>
<p class="legend"><span class="missing">missing</span> <span class="not-installed">declared, not installed</span> <span class="declared">declared</span> <span class="through">used through others</span></p>
<details><summary>The packages as a table</summary>
${table}
</details>`;
}

function formatTable(packages: readonly GraphPackage[]): Html {
  const rows = packages.map(({ name, role, through, declaredIn, kinds, wantedIn }) => {
    const by = through.length === 0 ? '' : `through ${through.map(showName).join(', ')}`;
    const cells = [declaredIn, kinds.map((kind) => kind.replaceAll('-', ' ')), wantedIn].map(
      (words) => html`<td>${words.join(', ') || '–'}</td>`,
    );
    return html`<tr><th scope="row"><code>${showName(name)}</code></th><td>${role === 'through' && by !== '' ? by : ROLE_WORDS[role]}</td>${cells}</tr>`;
  });
  return html`<table><thead><tr><th scope="col">Package</th><th scope="col">Role</th><th scope="col">Declared in</th><th scope="col">Used as</th><th scope="col">Belongs in</th></tr></thead>
<tbody>
${rows}
</tbody></table>`;
}

/** Three columns: the ebuild, what it declares or lacks, and what is used through that. */
function drawPackages(name: string, packages: readonly GraphPackage[]): Html {
  const middle = packages.filter(({ role }) => role !== 'through');
  const order = new Map(middle.map((declared, at) => [declared.name, at]));
  const rank = ({ through }: GraphPackage) =>
    through.reduce((sum, by) => sum + (order.get(by) ?? 0), 0) / Math.max(1, through.length);
  const right = packages
    .filter(({ role }) => role === 'through')
    .sort((left, other) => rank(left) - rank(other));
  const height = Math.max(1, middle.length, right.length) * ROW;
  const root: Box = { ...sizeOf(name), role: 'ebuild', x: 1, y: centre(1, height)(0) };
  const second = placeColumn(middle, root.x + root.width + GAP, height);
  const third = placeColumn(right, endOf(second, root) + GAP, height);
  const boxes = new Map([...second, ...third].map(({ box, name: key }) => [key, box]));
  const lines = [
    ...second.map(({ box }) => drawLine(root, box)),
    ...right.flatMap((used) => {
      const to = boxes.get(used.name);
      const from = used.through.flatMap((by) => boxes.get(by) ?? []);
      return to === undefined ? [] : (from.length === 0 ? [root] : from).map((box) => drawLine(box, to));
    }),
  ];
  const width = Math.ceil(endOf(third, undefined) || endOf(second, root)) + 1;
  return html`<svg viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${describe(name, packages)}">
${lines}
${[root, ...second.map(({ box }) => box), ...third.map(({ box }) => box)].map(drawBox)}
</svg>`;
}

/** The drawing in a sentence, for those who do not see it. */
function describe(name: string, packages: readonly GraphPackage[]): string {
  const count = (role: GraphPackage['role']) => packages.filter((found) => found.role === role).length;
  const counts = (['missing', 'not-installed', 'declared', 'through'] as const)
    .map((role) => `${count(role)} ${ROLE_WORDS[role]}`)
    .join(', ');
  return `Packages of ${showName(name)}: ${counts}. The table below lists them.`;
}

function sizeOf(name: string): Pick<Box, 'label' | 'width'> {
  const label = cutText(showName(name), LONGEST_NAME);
  return { label, width: Math.round([...label].length * LETTER + 2 * PADDING) };
}

/** The top of each box of a column, which stands in the middle of the height. */
const centre = (count: number, height: number) => (at: number) =>
  Math.round((height - count * ROW) / 2 + at * ROW + (ROW - HEIGHT) / 2);

interface Placed {
  readonly name: string;
  readonly box: Box;
}

function placeColumn(packages: readonly GraphPackage[], x: number, height: number): readonly Placed[] {
  const top = centre(packages.length, height);
  return packages.map(({ name, role }, at) => ({ name, box: { ...sizeOf(name), role, x, y: top(at) } }));
}

function endOf(column: readonly Placed[], otherwise: Box | undefined): number {
  const boxes = [...column.map(({ box }) => box), ...(column.length === 0 && otherwise ? [otherwise] : [])];
  return Math.max(0, ...boxes.map(({ x, width }) => x + width));
}

function drawLine(from: Box, to: Box): Html {
  const [x1, y1, x2, y2] = [from.x + from.width, from.y + HEIGHT / 2, to.x, to.y + HEIGHT / 2];
  const half = (x1 + x2) / 2;
  const path = `M${x1} ${y1}C${half} ${y1} ${half} ${y2} ${x2} ${y2}`;
  return html`<path class="${`line ${to.role}`}" d="${path}"/>`;
}

/** A missing package has six corners, one that is used through others round ends, and the rest are rectangles. */
function drawBox({ label, role, x, y, width }: Box): Html {
  const text = html`<text x="${x + width / 2}" y="${y + HEIGHT / 2 + 4.5}">${label}</text>`;
  const [right, bottom, middle] = [x + width, y + HEIGHT, y + HEIGHT / 2];
  const corner = PADDING - 3;
  const shape =
    role === 'missing'
      ? `M${x} ${middle}L${x + corner} ${y}H${right - corner}L${right} ${middle}L${right - corner} ${bottom}H${x + corner}Z`
      : undefined;
  const drawn =
    shape === undefined
      ? asHtml(
          `<rect x="${x}" y="${y}" width="${width}" height="${HEIGHT}" rx="${role === 'through' ? HEIGHT / 2 : 3}"/>`,
        )
      : html`<path d="${shape}"/>`;
  return html`<g class="${role}">${drawn}${text}</g>`;
}
