/**
 * `npm run bench [-- NAME…]`: measures everything for which the issues of this project set figures, and prints one
 * table. With names, only those benchmarks run. All figures are from one run on this machine, and ratios compare with
 * something else measured in the same run.
 *
 * Each benchmark has a process of its own, because the garbage and the memory of one would count for the next.
 */
import { spawnSync } from 'node:child_process';
import { keystroke } from './keystroke.ts';
import { overlay } from './overlay.ts';
import { ownerIndex } from './owner-index.ts';
import { repositoryIndex } from './repository-index.ts';
import { type Benchmark, formatTable, type Row } from './table.ts';
import { versions } from './versions.ts';

const BENCHMARKS: readonly Benchmark[] = [versions, keystroke, ownerIndex, repositoryIndex, overlay];

/** Says that this process runs the one benchmark that is named, and prints its rows as JSON. */
const CHILD = '--rows-of';

/** The rows are a few kilobytes; a benchmark may print more before them. In bytes. */
const MOST_OUTPUT = 2 ** 24;

const [first, name] = process.argv.slice(2);
if (first === CHILD) {
  const benchmark = BENCHMARKS.find((candidate) => candidate.name === name);
  console.log(`\n${JSON.stringify(await benchmark?.run())}`);
} else measure(process.argv.slice(2));

function measure(wanted: readonly string[]): void {
  const unknown = wanted.filter((word) => !BENCHMARKS.some((benchmark) => benchmark.name === word));
  if (unknown.length > 0) {
    const names = BENCHMARKS.map((benchmark) => benchmark.name).join(', ');
    console.error(`There is no benchmark called ${unknown.join(', ')}; there are ${names}.`);
    process.exit(2);
  }
  const chosen = BENCHMARKS.filter((benchmark) => wanted.length === 0 || wanted.includes(benchmark.name));
  console.log(formatTable(chosen.flatMap(runAlone)));
}

function runAlone(benchmark: Benchmark): Row[] {
  console.error(`measuring ${benchmark.name} …`);
  const command = [...process.execArgv, process.argv[1] ?? '', CHILD, benchmark.name];
  const { status, stdout } = spawnSync(process.execPath, command, {
    stdio: ['ignore', 'pipe', 'inherit'],
    encoding: 'utf8',
    maxBuffer: MOST_OUTPUT,
  });
  if (status !== 0) {
    console.error(`The benchmark ${benchmark.name} failed: see above.`);
    process.exit(1);
  }
  return JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '[]') as Row[];
}
