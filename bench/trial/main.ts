/**
 * `npm run bench:trial [-- --rounds N] [PART…]`: measures the trial engine and prints tables; docs/performance.md
 * explains each figure. With names, only those parts run: `phases`, `calls`, `views`, `memory`, `rate`, `edits`, `ebuild`. It needs the
 * results of `npm run set-up`, and takes half an hour.
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { buildNativeHelper } from '../../scripts/native-helper.ts';
import { formatTable } from '../table.ts';
import { measureAgainstEbuild } from './against-ebuild.ts';
import { measureCalls } from './calls.ts';
import { measureEdits } from './edits.ts';
import { openEngine } from './engine.ts';
import { measureMemory } from './memory.ts';
import { measurePhases } from './phases.ts';
import { measureRate } from './rate.ts';
import { openBenchFolder } from './state-folder.ts';
import { measureViews } from './view-size.ts';

const PARTS = ['phases', 'calls', 'views', 'memory', 'rate', 'edits', 'ebuild'] as const;
const DEFAULT_ROUNDS = 7;

const { values, positionals } = parseArgs({
  options: { rounds: { type: 'string' } },
  allowPositionals: true,
});
const rounds = Number(values.rounds ?? DEFAULT_ROUNDS);
const unknown = positionals.filter((name) => !PARTS.some((part) => part === name));
if (unknown.length > 0 || !Number.isInteger(rounds) || rounds < 1) {
  console.error(
    `Usage: npm run bench:trial -- [--rounds N] [PART…], where PART is one of ${PARTS.join(', ')}.`,
  );
  process.exit(2);
}
const isWanted = (part: (typeof PARTS)[number]) => positionals.length === 0 || positionals.includes(part);

const print = (table: string) => console.log(`${table}\n`);

// The files of the engine must be readable by the unprivileged user that builds for root.
process.umask(0o022);
const folder = openBenchFolder();
process.on('exit', () => folder.remove());
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(1));
try {
  await buildNativeHelper('out/bench');
  folder.newStateFolder();
  const engine = await openEngine(join(process.cwd(), 'examples/media-gfx/pngdims/pngdims-1.0.ebuild'));
  if (isWanted('phases')) await measurePhases(engine, folder, rounds, print);
  if (isWanted('calls')) print(await measureCalls(engine, folder, rounds));
  if (isWanted('views')) print(formatTable(await measureViews(engine, folder, rounds)));
  if (isWanted('memory')) print(formatTable(await measureMemory(folder)));
  if (isWanted('rate')) print(formatTable(await measureRate(folder, rounds)));
  if (isWanted('edits')) print(formatTable(await measureEdits(folder, rounds)));
  if (isWanted('ebuild')) print(formatTable(await measureAgainstEbuild(engine, folder, rounds)));
} catch (error) {
  console.error(`bench:trial: ${(error as Error).message}`);
  process.exitCode = 1;
}
