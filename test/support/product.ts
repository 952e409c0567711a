/** The built command line, run as by its users: as root and as an ordinary user, each with its own state folder. */
import { type ChildProcess, spawn } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { bundleCommandLine, copyFindingPages, copyWasm } from '../../scripts/bundle.ts';
import { buildNativeHelper } from '../../scripts/native-helper.ts';
import { removeTree } from '../../server/src/files/remove-tree.ts';
import { stateFolder } from '../../server/src/package-manager/home.ts';
import { COMPILED_HELPER } from './compile-helper.ts';
import { type EbuildFiles, requireInstalledFor, writeRepository } from './ebuild-files.ts';
import { findInPath } from './requirement.ts';
import { type As, isRoot, NOBODY, who } from './user.ts';
import { missingForTrials as findMissing } from './world.ts';

const state = stateFolder(process.env, process.geteuid?.() ?? 0);

/** The part of the machine that trials need and that is missing, for `requireOrSkip`. */
export const missingForTrials: string | undefined =
  findInPath('cc') && findInPath('make')
    ? findMissing()
    : 'there is no C compiler or no make (apt install gcc make libc6-dev)';

export interface Run {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Standard error without the lines of progress. */
  readonly complaints: readonly string[];
}

export interface RunOptions {
  readonly environment?: Readonly<Record<string, string>>;
  /** Words before the command, e.g. `unshare -m`; they run as the user of the command. */
  readonly wrap?: readonly string[];
  /** Words before the change of user; they run as the user of the tests. */
  readonly outerWrap?: readonly string[];
  /** Runs the language server, which must be bundled beside the command line, with this on an input that does not end. */
  readonly serverInput?: string;
}

export interface Running {
  readonly child: ChildProcess;
  readonly done: Promise<Run>;
  /** Waits until standard error contains a text. */
  said(text: string): Promise<void>;
}

export interface Product {
  /** Every user can enter it. */
  readonly folder: string;
  /** The command line's bundle. */
  readonly program: string;
  /** The state folder of a user, with the package managers and the practice root of the real one. */
  home(as: As): string;
  /** Writes `files` into a new repository, see {@link writeRepository}, and returns its path. */
  repository(name: string, files: EbuildFiles, absent?: readonly string[]): string;
  /** A copy of a folder of the checkout that every user can read. */
  copyOf(path: string): string;
  start(as: As, args: readonly string[], options?: RunOptions): Running;
  run(as: As, args: readonly string[], options?: RunOptions): Promise<Run>;
  /** The trial folders of a user. */
  trials(as: As): string[];
  remove(): Promise<void>;
}

/**
 * Builds the command line into a temporary folder, because an ordinary user may have no access to the checkout.
 *
 * @param parent of that folder
 */
export async function openProduct(parent = tmpdir()): Promise<Product> {
  const folder = mkdtempSync(join(parent, 'ebuild-audit-product-'));
  chmodSync(folder, 0o755);
  const dist = join(folder, 'dist');
  if (existsSync(COMPILED_HELPER))
    cpSync(COMPILED_HELPER, join(dist, 'native', process.arch, basename(COMPILED_HELPER)));
  await Promise.all([
    bundleCommandLine(dist, { development: false }),
    copyWasm(dist),
    copyFindingPages(dist),
    buildNativeHelper(dist),
  ]);
  const program = join(dist, 'cli/ebuild-audit.mjs');
  for (const as of who) {
    makeHome(join(folder, `home-${as}`), as);
  }
  const running = new Set<ChildProcess>();

  const product: Product = {
    folder,
    program,
    home: (as) => join(folder, `home-${as}`),
    repository(name, files, absent) {
      const repository = join(folder, name);
      writeRepository(repository, files, absent);
      return repository;
    },
    copyOf(path) {
      requireInstalledFor(path);
      const copy = join(folder, `copy-of-${path.replaceAll('/', '-')}`);
      cpSync(path, copy, { recursive: true });
      return copy;
    },
    start(as, args, options = {}) {
      const drop =
        isRoot && as === 'user'
          ? ['setpriv', `--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups', '--']
          : [];
      const words = [
        ...(options.outerWrap ?? []),
        ...drop,
        ...(options.wrap ?? []),
        process.execPath,
        options.serverInput === undefined ? program : join(dist, 'server/main.mjs'),
        ...args,
      ];
      const [first = '', ...rest] = words;
      // The program is looked up in our PATH, because the product may get another.
      const child = spawn(findInPath(first) ?? first, rest, {
        cwd: folder,
        env: {
          PATH: process.env.PATH ?? '',
          HOME: product.home(as),
          EBUILD_AUDIT_HOME: product.home(as),
          ...options.environment,
        },
        stdio: [options.serverInput === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
      });
      running.add(child);
      child.stdin?.on('error', () => {});
      child.stdin?.write(options.serverInput ?? '');
      const output = { stdout: '', stderr: '' };
      for (const name of ['stdout', 'stderr'] as const) {
        child[name]?.setEncoding('utf8').on('data', (text: string) => {
          output[name] += text;
        });
      }
      const done = new Promise<Run>((resolve, reject) => {
        child.on('error', reject);
        child.on('close', (status, signal) => {
          running.delete(child);
          const complaints = output.stderr
            .split('\n')
            .filter((line) => line !== '' && !/^(?:sweep|(?:second |base )?trial(?: of \S+)?): /.test(line));
          resolve({ status, signal, ...output, complaints });
        });
      });
      return {
        child,
        done,
        async said(text) {
          while (!output.stderr.includes(text)) {
            if (!running.has(child)) throw new Error(`it ended without "${text}": ${output.stderr}`);
            await sleep(10);
          }
        },
      };
    },
    run: (as, args, options) => product.start(as, args, options).done,
    trials: (as) =>
      existsSync(join(product.home(as), 'trials')) ? readdirSync(join(product.home(as), 'trials')) : [],
    async remove() {
      // Only a failed test leaves one.
      for (const child of running) child.kill('SIGKILL');
      await removeTree(folder);
    },
  };
  return product;
}

/** A state folder for a user; its large parts are those of the real one. */
export function makeHome(path: string, as: As, parts = ['package-managers', 'root']): string {
  mkdirSync(path, { recursive: true });
  for (const part of parts) {
    if (!existsSync(join(state, part))) continue;
    if (as === 'root' || isOpenToOthers(state)) symlinkSync(join(state, part), join(path, part));
    // The real one may be below /root, to which an ordinary user has no access.
    else cpSync(join(state, part), join(path, part), { recursive: true, verbatimSymlinks: true });
  }
  if (isRoot && as === 'user') chownSync(path, NOBODY, NOBODY);
  return path;
}

/** Whether every user can enter a folder. */
function isOpenToOthers(path: string): boolean {
  return (statSync(path).mode & 0o001) !== 0 && (path === '/' || isOpenToOthers(dirname(path)));
}
