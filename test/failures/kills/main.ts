/**
 * `npm run kills [-- --kills N] [--seed N] [--as root|user] [NAME…]`: kills commands with SIGKILL at random moments, N times altogether, looks
 * each time for what is left, and prints a table, also when SIGINT ends it before. With names only those commands are killed.
 *
 * Now and then an honest trial must give the answer that it gave before the first kill, and leave no folder.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { bundleServer } from '../../../scripts/bundle.ts';
import { waitUntilGone } from '../../support/processes.ts';
import { missingForTrials, openProduct } from '../../support/product.ts';
import { type As, isRoot } from '../../support/user.ts';
import { FAULTY, HONEST, TARGETS, type Target } from './targets.ts';

const { values, positionals } = parseArgs({
  options: {
    kills: { type: 'string', default: '100' },
    seed: { type: 'string' },
    as: { type: 'string', default: isRoot ? 'root' : 'user' },
  },
  allowPositionals: true,
});
if (missingForTrials !== undefined) throw new Error(missingForTrials);
const as = values.as as As;
const targets = TARGETS.filter(({ name }) => positionals.length === 0 || positionals.includes(name));
const kills = Math.ceil(Number(values.kills) / targets.length);
const seed = values.seed === undefined ? Date.now() % 2 ** 31 : Number(values.seed);

/** Numbers between 0 and 1 that the seed decides (a linear congruential generator). */
let state = seed;
function random(): number {
  state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
  return state / 2 ** 32;
}

/** After a kill, everything must be gone in this time, in milliseconds. */
const PATIENCE = 3000;
/** Kills between two honest trials. */
const BETWEEN = 20;

const product = await openProduct();
await bundleServer(join(product.folder, 'dist'), { development: false });
const repository = product.repository('overlay', { [HONEST.path]: HONEST.text, [FAULTY.path]: FAULTY.text });
const fileOf = (path: string) => join(repository, path);

const mounts = () =>
  readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .filter((line) => line.includes(product.folder));

/** The cgroups of runs in which no process is left. */
function listCgroups(): string[] {
  try {
    const lines = readFileSync('/proc/self/cgroup', 'utf8').split('\n');
    const parent = join('/sys/fs/cgroup', lines.find((line) => line.startsWith('0::'))?.slice(3) ?? '');
    return readdirSync(parent).filter((name) => {
      if (!name.startsWith('ebuild-audit')) return false;
      return readFileSync(join(parent, name, 'cgroup.events'), 'utf8').includes('populated 0');
    });
  } catch {
    return [];
  }
}

/** The answer of an honest trial, without the path of its log. */
async function answer(path: string, ...options: readonly string[]): Promise<string> {
  const { stdout, status, complaints } = await product.run(as, ['trial', fileOf(path), ...options]);
  const report = stdout.replace(/^Build log: .*$/m, '').replace(/ \(Result of the trial [^)]*\)/, '');
  return [status, ...complaints, report.trim()].join('\n');
}

interface Tally {
  kills: number;
  /** Kills that came after the command had ended by itself. */
  late: number;
  problems: string[];
  /** The cgroups that the last kill has left. */
  cgroups: string[];
}

/** Notes a problem, and prints it at once, because the whole may take an hour. */
function report(tally: Tally, problem: string): void {
  tally.problems.push(problem);
  console.log(problem);
}

async function killOnce(target: Target, tally: Tally): Promise<void> {
  writeFileSync(fileOf(FAULTY.path), FAULTY.text);
  const before = listCgroups();
  const output = join(product.home(as), 'sweep');
  const files = { honest: fileOf(HONEST.path), faulty: fileOf(FAULTY.path), output };
  const serverInput = target.input?.(files);
  const running = product.start(
    as,
    target.arguments(files),
    serverInput === undefined ? {} : { serverInput },
  );
  const moment = random() ** 2 * target.longest;
  await new Promise((resolve) => setTimeout(resolve, moment));
  running.child.kill('SIGKILL');
  const { signal } = await running.done;
  tally.kills += 1;
  if (signal === null) tally.late += 1;
  const problem = (what: string) =>
    tally.problems.push(`${target.name} after ${moment.toFixed(0)} ms: ${what}`);
  const left = await waitUntilGone(product.folder, PATIENCE);
  if (left.length > 0) problem(`processes ${left.join(', ')}`);
  if (mounts().length > 0) problem('mounts');
  const text = readFileSync(files.faulty, 'utf8');
  if (text !== FAULTY.text && text !== FAULTY.fixed) problem('half an ebuild');
  if (readFileSync(files.honest, 'utf8') !== HONEST.text) problem('another ebuild was written');
  const strangers = readdirSync(join(repository, FAULTY.path, '..')).filter(
    (name) => !/^(faulty-1\.ebuild|\..*)$/.test(name),
  );
  if (strangers.length > 0) problem(`files ${strangers.join(', ')} beside the ebuild`);
  tally.cgroups = listCgroups().filter((name) => !before.includes(name));
}

const expected = await answer(HONEST.path);
const tallies = new Map<string, Tally>(
  targets.map(({ name }) => [name, { kills: 0, late: 0, problems: [], cgroups: [] }]),
);
console.log(`seed ${seed}, ${kills} kills for each of ${targets.length} commands, as ${as}`);
let done = 0;
// What was found so far is printed then too.
let isInterrupted = false;
process.once('SIGINT', () => {
  isInterrupted = true;
});
for (let round = 0; round < kills && !isInterrupted; round++) {
  for (const target of targets) {
    const tally = tallies.get(target.name) as Tally;
    await killOnce(target, tally);
    if (++done % BETWEEN !== 0) continue;
    // The stored record and the snapshots may be damaged, or a new trial may be wrong: both must not be.
    for (const options of [[], ['--fresh']]) {
      const given = await answer(HONEST.path, ...options);
      if (given !== expected) report(tally, `${target.name}: the next trial said ${given}`);
    }
    const folders = product.trials(as);
    if (folders.length > 0) report(tally, `${target.name}: the next trial left ${folders.join(', ')}`);
    const cgroups = tally.cgroups.filter((name) => listCgroups().includes(name));
    if (cgroups.length > 0) report(tally, `${target.name}: the next trial left ${cgroups.join(', ')}`);
  }
}

const problems = [...tallies.values()].flatMap((tally) => tally.problems);
for (const [name, tally] of tallies)
  console.log(
    `${name.padEnd(20)} ${String(tally.kills).padStart(5)} kills, ${String(tally.late).padStart(4)} after its end, ${tally.problems.length} problems`,
  );
console.log(`${done} kills, ${problems.length} problems`);
await product.remove();
process.exitCode = problems.length === 0 ? 0 : 1;
