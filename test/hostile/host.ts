/** The machine around the sandbox, which must be the same before and after an attack. */
import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { mounts } from '../failures/tiny-ebuild.ts';
import { type EbuildFiles, writeEbuildFiles } from '../support/ebuild-files.ts';
import { processesWith, waitUntilGone } from '../support/processes.ts';
import {
  missingForTrials,
  openProduct,
  type Product,
  type Run,
  type RunOptions,
} from '../support/product.ts';
import { requireOrSkip } from '../support/requirement.ts';
import { type As, isLong, who } from '../support/user.ts';
import { compileProgram, type Decoys, type Facts, observeTree, openDecoys } from './decoys.ts';
import { type Attempts, attackingEbuild, readTried, tryOutside } from './hostile-ebuild.ts';

/** Two trials at a time, because the machine that runs the tests has two processors. */
const SLOTS = 2;
let free = SLOTS;
const waiting: (() => void)[] = [];

async function inSlot(run: () => Promise<void>): Promise<void> {
  if (free === 0) await new Promise<void>((resolve) => waiting.push(resolve));
  else free -= 1;
  try {
    await run();
  } finally {
    const next = waiting.shift();
    if (next === undefined) free += 1;
    else next();
  }
}

/** A test that needs trials; one other such test may run beside it. */
export const can: (name: string, run: () => Promise<void>) => void =
  missingForTrials === undefined
    ? (name, run) => test.concurrent(name, () => inSlot(run), 240_000)
    : requireOrSkip(missingForTrials);

/** The user for attacks for which the user makes no difference. */
export const anyone: As = who[0] ?? 'user';

/**
 * The users and the package managers with which the phases are attacked: every user with Portage, and in the long tests one with pkgcore, whose
 * daemon and scripts run beside the ebuild instead.
 */
export const backends: readonly (readonly [as: As, manager: 'portage' | 'pkgcore'])[] = [
  ...who.map((as) => [as, 'portage'] as const),
  ...(isLong ? [[anyone, 'pkgcore'] as const] : []),
];

/** The options of a command line that choose the package manager. */
export const withManager = (manager: string): readonly string[] => ['--package-manager', manager];

export interface AttackOptions extends RunOptions {
  /** More options of the command. */
  readonly flags?: readonly string[];
}

export interface Attack {
  readonly run: Run;
  /** The build log; empty if no build was begun. */
  readonly log: string;
}

export interface Host {
  readonly product: Product;
  readonly repository: string;
  readonly decoys: Decoys;
  /** A compiled program of programs/, for a files folder. */
  program(name: string): Uint8Array;
  /** Its path on the host. */
  programPath(name: string): string;
  /** The variables that the attempts get. */
  variables(as: As): Readonly<Record<string, string>>;
  /**
   * Writes an ebuild dev-test/NAME-1 into the repository, with `files` for its package folder, and returns its path.
   *
   * @param absent see {@link writeEbuildFiles}
   */
  write(name: string, text: string, files?: EbuildFiles, absent?: readonly string[]): string;
  /**
   * Runs a trial of the ebuild dev-test/NAME-1, and expects that the host is unchanged and that nothing is left of
   * the trial.
   *
   * @param args options of the command
   */
  attack(as: As, name: string, args?: readonly string[], options?: RunOptions): Promise<Attack>;
  /** The same for any command line; `name` is the package after which its trial folder and its log are named. */
  attackWith(as: As, name: string, args: readonly string[], options?: RunOptions): Promise<Attack>;
  /**
   * Runs an ebuild that makes attempts, and expects that all were made and none succeeded. Then makes those of
   * `provable` without a sandbox, on other decoys, and expects that all succeed.
   */
  expectHeld(
    as: As,
    name: string,
    provable: Attempts,
    others?: Attempts,
    options?: AttackOptions,
  ): Promise<Attack>;
  close(): Promise<void>;
}

/** Programs that every attacking ebuild has in its files folder. */
const PROGRAMS = ['reach', 'namespace'];

/** The built product, a repository for hostile ebuilds, and decoys. */
export async function openHost(): Promise<Host> {
  const product = await openProduct();
  const decoys = await openDecoys();
  const programs = join(product.folder, 'programs');
  mkdirSync(programs);
  for (const name of PROGRAMS) compileProgram(name, programs);
  const repository = product.repository('hostile', {});
  const write = (name: string, text: string, files: EbuildFiles = {}, absent: readonly string[] = []) => {
    const folder = join(repository, 'dev-test', name);
    writeEbuildFiles(folder, { [`${name}-1.ebuild`]: text, ...files }, absent);
    return join(folder, `${name}-1.ebuild`);
  };
  const host: Host = {
    product,
    repository,
    decoys,
    variables: (as) => ({
      ...decoys.variables,
      HOSTILE_STATE: product.home(as),
      HOSTILE_REPOSITORY: repository,
    }),
    write,
    program: (name) => readFileSync(host.programPath(name)),
    programPath(name) {
      const known = join(programs, name);
      return existsSync(known) ? known : compileProgram(name, programs);
    },
    attack: (as, name, args = [], options) =>
      host.attackWith(
        as,
        name,
        ['trial', ...args, join(repository, `dev-test/${name}/${name}-1.ebuild`)],
        options,
      ),
    async attackWith(as, name, args, options = {}) {
      const before = observe();
      const run = await product.run(as, args, {
        ...options,
        environment: { HOME: decoys.variables.HOSTILE_HOME ?? '', ...options.environment },
      });
      const log = join(product.home(as), `logs/dev-test-${name}-1.log`);
      await expectNothingLeftOf(product, as, name);
      expect(listChanges(before, observe())).toEqual([]);
      return { run, log: existsSync(log) ? readFileSync(log, 'latin1') : '' };
    },
    async expectHeld(as, name, provable, others = {}, options) {
      const attempts = { ...provable, ...others };
      // Quick, because builds for comparison would make the attempts again.
      const files = PROGRAMS.map((program) => [`files/${program}`, host.program(program)] as const);
      write(name, attackingEbuild(attempts, host.variables(as)), Object.fromEntries(files));
      const attack = await host.attack(as, name, ['--quick', ...(options?.flags ?? [])], options);
      const { tried, reached } = readTried(attack.log);
      expect(reached).toEqual([]);
      expect(tried, attack.run.stderr).toEqual(Object.keys(attempts));
      expect(attack.log).toContain('hostile: done');
      await expectProven(product.folder, provable, programs);
      return attack;
    },
    async close() {
      await decoys.close();
      await product.remove();
    },
  };
  /** The package folder of each ebuild is written once and then only read. */
  const observe = (): Facts => ({
    ...observeMachine(decoys.variables.HOSTILE_MARK ?? ''),
    ...decoys.observe(),
    ...observeTree(join(repository, 'profiles')),
  });
  return host;
}

async function expectProven(folder: string, attempts: Attempts, programs: string): Promise<void> {
  const decoys = await openDecoys();
  try {
    const { reached } = await tryOutside(
      attempts,
      { ...decoys.variables, HOSTILE_STATE: folder, HOSTILE_REPOSITORY: folder },
      folder,
      programs,
    );
    expect(reached).toEqual(Object.keys(attempts));
  } finally {
    await decoys.close();
  }
}

/** Expects that no process, no mount and no file of the trials of a package is left. */
export async function expectNothingLeftOf(product: Product, as: As, name: string): Promise<void> {
  expect(product.trials(as).filter((trial) => trial.startsWith(`${name}-1.`))).toEqual([]);
  const place = join(product.home(as), `trials/${name}-1.`);
  expect(await waitUntilGone(place, 1000)).toEqual([]);
  expect(processesWith(`/dev-test/${name}/`)).toEqual([]);
  expect(mounts()).not.toContain(place);
}

/** The differences between two observations. */
function listChanges(before: Facts, after: Facts): string[] {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .filter((subject) => before[subject] !== after[subject])
    .map((subject) => `${subject}: ${before[subject]} is now ${after[subject]}`);
}

/** Folders that only an administrator writes into. */
const SYSTEM = ['/', '/etc', '/usr', '/usr/bin', '/usr/lib', '/boot', '/opt', '/srv'];
/** Folders that everybody writes into: only files with the mark of the attack count. */
const SHARED = ['/tmp', '/var/tmp', '/dev/shm', '/run', '/dev', '/var/cache', '/var/log', '/root', '/home'];
const SETTINGS = [
  'kernel/core_pattern',
  'kernel/hostname',
  'kernel/domainname',
  'kernel/ctrl-alt-del',
  'kernel/modprobe',
  'kernel/pid_max',
  'kernel/randomize_va_space',
  'kernel/shmmax',
  'vm/overcommit_memory',
  'vm/drop_caches',
  'fs/suid_dumpable',
  'net/ipv4/ip_forward',
  'user/max_user_namespaces',
];

function observeMachine(mark: string): Facts {
  const facts: Facts = {};
  for (const path of SYSTEM.filter((folder) => existsSync(folder))) {
    const { ino, mode, ctimeNs } = lstatSync(path, { bigint: true });
    facts[path] = `${ino} ${mode} ${ctimeNs}`;
  }
  for (const path of SHARED) facts[path] = marked(path, mark);
  for (const name of SETTINGS) facts[name] = readOf(`/proc/sys/${name}`);
  facts.sockets = ['tcp', 'tcp6', 'udp', 'unix']
    .flatMap((name) => readOf(`/proc/net/${name}`).split('\n'))
    .filter((line) => line.includes(mark))
    .map((line) => line.trim().split(/\s+/).slice(1).join(' '))
    .sort()
    .join('\n');
  return facts;
}

function marked(folder: string, mark: string): string {
  try {
    return readdirSync(folder)
      .filter((name) => name.includes(mark))
      .join(' ');
  } catch {
    return '';
  }
}

function readOf(path: string): string {
  try {
    return statSync(path).isFile() ? readFileSync(path, 'utf8').trim() : '';
  } catch {
    return '';
  }
}
