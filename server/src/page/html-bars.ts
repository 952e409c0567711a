import { showName } from '../errors/visible-text.ts';
import { asHtml, type Html, html, NOTHING } from './html-text.ts';

/** One row of a table with bars. */
export interface Bar {
  readonly name: string;
  /** What is said of it. */
  readonly role: string;
  readonly count: number;
  /** Whether it is to catch the eye. */
  readonly isMissing: boolean;
}

/** More rows are nothing that somebody reads. */
const MOST_ROWS = 200;

/**
 * A table in which each number has a bar. A reader of the screen reads the number; the bar is only for the eye.
 *
 * @param titles of the columns of the name, the role and the number
 */
export function formatBars(titles: readonly [string, string, string], bars: readonly Bar[]): Html {
  const longest = Math.max(1, ...bars.slice(0, MOST_ROWS).map(({ count }) => count));
  const rows = bars.slice(0, MOST_ROWS).map(({ name, role, count, isMissing }) => {
    const width = ((100 * count) / longest).toFixed(1);
    const drawn = asHtml(
      `<svg viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true"><rect class="${isMissing ? 'missing' : 'used'}" width="${width}" height="8"/></svg>`,
    );
    return html`<tr><th scope="row"><code>${showName(name)}</code></th><td>${role}</td><td class="number">${count}</td><td class="bar">${drawn}</td></tr>`;
  });
  const left = bars.length - rows.length;
  const note = left > 0 ? html`<p class="soft">${left} more are left out.</p>` : NOTHING;
  return html`<table><thead><tr>${titles.map((title) => html`<th scope="col">${title}</th>`)}<td></td></tr></thead>
<tbody>
${rows}
</tbody></table>
${note}`;
}
