/**
 * `npm run differential [-- --cases N] [--seed N]`: N random edits, merges and changes of files (1,000 where not said), each with a trial that
 * may take over earlier answers and one that takes over nothing, and a table of how many said the same. Ends with 1 if one did
 * not. A run that is ended by a signal prints the table of what it has done.
 */
import { parseArgs } from 'node:util';
import { explain, runTakeovers, type Takeover } from './takeover.ts';

/** Cases in one root, one after another, so that there is much to take over. */
const CASES_PER_ROOT = 40;

const { values } = parseArgs({
  options: { cases: { type: 'string', default: '1000' }, seed: { type: 'string' } },
});
const cases = Number(values.cases);
const first = values.seed === undefined ? Date.now() % 2 ** 31 : Number(values.seed);
if (!Number.isInteger(cases) || cases < 1 || !Number.isInteger(first)) {
  console.error('--cases and --seed take whole numbers: npm run differential -- --cases 1000 --seed 1');
  process.exit(2);
}
const counts = { done: 0, recalled: 0, reused: 0, wrong: 0 };
const count = (root: number, takeover: Takeover) => {
  counts.done += 1;
  if (takeover.taken.isRecalled) counts.recalled += 1;
  else if (takeover.taken.reused > 0) counts.reused += 1;
  if (takeover.taken.says === takeover.fresh.says) return;
  counts.wrong += 1;
  console.log(`--seed ${root} --cases ${((counts.done - 1) % CASES_PER_ROOT) + 1}, ${explain(takeover)}`);
};
/** Prints the table, also of a run that is ended early. */
function end(): never {
  console.log(`seed                     ${first}
cases                    ${counts.done}
answered from a record   ${counts.recalled}
with steps taken over    ${counts.reused}
built from the beginning ${counts.done - counts.recalled - counts.reused}
wrong answers            ${counts.wrong}`);
  process.exit(counts.wrong === 0 ? 0 : 1);
}
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, end);

for (let root = first; counts.done < cases; root += 1)
  await runTakeovers(root, Math.min(CASES_PER_ROOT, cases - counts.done), (done) => count(root, done));
end();
