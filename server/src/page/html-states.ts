import type { TrialRecord } from '../audit/record.ts';
import { showLine } from '../errors/visible-text.ts';
import { sentence } from './html-finding.ts';
import { type Html, html, NOTHING } from './html-text.ts';

/** The USE states that were tried, if there are several. */
export function formatStates(record: TrialRecord): Html {
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
