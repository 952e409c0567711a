/**
 * `npm run bench [-- NAME…]`: measures everything for which the issues of this project set figures, and prints one
 * table. With names, only those benchmarks run. All figures are from one run on this machine, and ratios compare with
 * something else measured in the same run.
 */
import { keystroke } from './keystroke.ts';
import { overlay } from './overlay.ts';
import { ownerIndex } from './owner-index.ts';
import { repositoryIndex } from './repository-index.ts';
import { type Benchmark, formatTable, type Row } from './table.ts';
import { versions } from './versions.ts';

const BENCHMARKS: readonly Benchmark[] = [versions, keystroke, ownerIndex, repositoryIndex, overlay];

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !BENCHMARKS.some((benchmark) => benchmark.name === name));
if (unknown.length > 0) {
  const names = BENCHMARKS.map((benchmark) => benchmark.name).join(', ');
  console.error(`There is no benchmark called ${unknown.join(', ')}; there are ${names}.`);
  process.exit(2);
}
const rows: Row[] = [];
for (const benchmark of BENCHMARKS) {
  if (wanted.length > 0 && !wanted.includes(benchmark.name)) continue;
  console.error(`measuring ${benchmark.name} …`);
  rows.push(...(await benchmark.run()));
}
console.log(formatTable(rows));
