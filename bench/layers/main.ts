/**
 * `npm run bench:layers [-- --rounds N] [--quick] [--keep]`: what a trial with 100 layers of 50,000 files costs more than the same trial with the packages
 * installed; docs/performance.md explains the figures. With --quick
 * the trials with 600 layers are left out; with --keep what was made stays. It needs root, the results of `npm run set-up` and the Gentoo machine.
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { copyMachine } from '../../scripts/gentoo-machine/copy-machine.ts';
import { makeGentooMachine } from '../../scripts/gentoo-machine/gentoo-machine.ts';
import { buildNativeHelper } from '../../scripts/native-helper.ts';
import { stateFolder } from '../../server/src/package-manager/home.ts';
import { formatTable, median, type Row } from '../table.ts';
import { generatePackages, writeEbuild } from './generate.ts';
import { type TimedTrial, type TrialTimes, timeTrial } from './timed-trial.ts';

const PACKAGES = 100;
const FILES = 500;
/** More than an overlay can have. */
const MANY = 600;
const DEFAULT_ROUNDS = 5;
/** In milliseconds more than with installed packages. */
const MOST_FIRST = 300;
const MOST_LATER = 50;

const { values } = parseArgs({
  options: {
    rounds: { type: 'string' },
    trial: { type: 'string' },
    keep: { type: 'boolean' },
    quick: { type: 'boolean' },
  },
});
const rounds = Number(values.rounds ?? DEFAULT_ROUNDS);

if (values.trial !== undefined) {
  // One trial, in a process of its own, because programs are slower when they have just been started.
  console.log(JSON.stringify(await timeTrial(JSON.parse(values.trial) as TimedTrial)));
} else {
  process.umask(0o022);
  const home = stateFolder(process.env, process.geteuid?.() ?? 0);
  const machine = makeGentooMachine(home, console.error);
  const folder = mkdtempSync(join(home, 'bench-layers-'));
  process.on('exit', () => {
    if (values.keep !== true) rmSync(folder, { recursive: true, force: true, maxRetries: 30 });
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(1));
  chmodSync(folder, 0o755);
  await buildNativeHelper('out/bench');
  console.log(formatTable(measure(machine, folder)));
}

function measure(machine: string, folder: string): readonly Row[] {
  const [bare, full] = ['bare', 'full'].map((name) => {
    const root = join(folder, name);
    mkdirSync(root);
    copyMachine(machine, root);
    return root;
  }) as [string, string];
  const packageFolder = join(folder, 'packages');
  console.error(`making ${PACKAGES} packages …`);
  generatePackages({ packages: PACKAGES, files: FILES, packageFolder, root: full });
  const repository = join(folder, 'repository');
  const ebuild = writeEbuild(repository, PACKAGES);
  const state = join(folder, 'state');
  mkdirSync(state);
  const run = (trial: TimedTrial) => runTrial(state, trial);
  const layered = { root: bare, packageFolder, ebuild };
  const installed = { root: full, packageFolder, ebuild };
  run(installed);
  const takingIn = run(layered);
  const first: TrialTimes[] = [];
  const later: TrialTimes[] = [];
  const without: TrialTimes[] = [];
  for (let round = 0; round < rounds; round++) {
    console.error(`trials, round ${round + 1} of ${rounds} …`);
    without.push(run(installed));
    rmSync(join(state, 'layers/stacks'), { recursive: true });
    first.push(run(layered));
    later.push(run(layered));
  }
  const many = values.quick === true ? [] : measureMany(folder, bare, run);
  return [...describe(takingIn, { first, later, without }), ...many];
}

interface Rounds {
  readonly first: readonly TrialTimes[];
  readonly later: readonly TrialTimes[];
  /** With the packages installed. */
  readonly without: readonly TrialTimes[];
}

function describe(takingIn: TrialTimes, { first, later, without }: Rounds): readonly Row[] {
  const of = (times: readonly TrialTimes[], value: (time: TrialTimes) => number) => median(times.map(value));
  const base = of(without, ({ whole }) => whole);
  const own = of(first, ({ whole, scripts }) => whole - scripts) - base;
  const again = of(later, ({ whole }) => whole) - base;
  const ms = (value: number) => `${value.toFixed(0)} ms`;
  return [
    { what: 'quick trial with the packages installed', figure: ms(base) },
    {
      what: `the first trial that takes in ${PACKAGES} packages of ${FILES} files`,
      figure: ms(takingIn.whole),
    },
    { what: '  of which Portage chooses them', figure: ms(takingIn.choosing) },
    { what: '  of which Portage opens them, in all sandboxes together', figure: ms(takingIn.opening) },
    { what: '  of which Portage runs their scripts and env-update', figure: ms(takingIn.scripts) },
    {
      what: 'the layers are there, and lie on each other for the first time',
      figure: ms(of(first, ({ whole }) => whole)),
    },
    {
      what: '  of which Portage runs their scripts and env-update',
      figure: ms(of(first, ({ scripts }) => scripts)),
    },
    {
      what: '  more than with the packages installed, without the scripts',
      figure: ms(own),
      target: { text: `≤ ${MOST_FIRST} ms`, met: own <= MOST_FIRST },
    },
    {
      what: 'later trials: more than with the packages installed',
      figure: ms(again),
      target: { text: `≤ ${MOST_LATER} ms`, met: again <= MOST_LATER },
    },
  ];
}

/** Trials with more layers than an overlay can have. */
function measureMany(folder: string, root: string, run: (trial: TimedTrial) => TrialTimes): readonly Row[] {
  console.error(`making ${MANY} packages …`);
  const packageFolder = join(folder, 'many');
  generatePackages({ packages: MANY, files: 1, packageFolder });
  const trial = { root, packageFolder, ebuild: writeEbuild(join(folder, 'repository'), MANY) };
  const takingIn = run(trial);
  const later = Array.from({ length: rounds }, () => run(trial).whole);
  return [
    {
      what: `the first trial that takes in ${MANY} packages of one file`,
      figure: `${(takingIn.whole / 1000).toFixed(1)} s`,
    },
    { what: '  of which Portage chooses them', figure: `${(takingIn.choosing / 1000).toFixed(1)} s` },
    { what: '  of which Portage opens them', figure: `${(takingIn.opening / 1000).toFixed(1)} s` },
    { what: `later trials with ${MANY} layers`, figure: `${median(later).toFixed(0)} ms` },
  ];
}

function runTrial(state: string, trial: TimedTrial): TrialTimes {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [process.argv[1] ?? '', '--trial', JSON.stringify(trial)],
    { encoding: 'utf8', env: { ...process.env, EBUILD_AUDIT_HOME: state }, maxBuffer: 2 ** 26 },
  );
  if (status !== 0) throw new Error(`bench:layers: ${stderr}`);
  return JSON.parse(stdout) as TrialTimes;
}
