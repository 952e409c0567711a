import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { access, chmod, lstat, mkdir, mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { SandboxError } from './sandbox.ts';

const NAME = 'ebuild-audit-native';

/** The places of the helper and of everything that it can be compiled from. */
export interface HelperPlaces {
  /** Possible paths of a compiled helper, best first. */
  readonly binaries: readonly string[];
  /** Possible folders of the C sources, best first. */
  readonly sources: readonly string[];
  /** Possible cache folders for compiled helpers, best first; made if missing. */
  readonly caches: readonly string[];
  readonly compiler: string;
}

/** The places for a module at `url`: `native/<arch>/` and `native/source/` next to the bundle, or `server/native/` in a checkout. */
export function helperPlaces(
  url: string,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): HelperPlaces {
  const here = (path: string) => fileURLToPath(new URL(path, url));
  const user = process.geteuid?.() ?? 0;
  return {
    binaries: [here(`native/${process.arch}/${NAME}`)],
    sources: [here('native/source'), here('../../native')],
    caches: [
      join(environment.XDG_CACHE_HOME || join(environment.HOME || homedir(), '.cache'), 'ebuild-audit'),
      join(tmpdir(), `ebuild-audit-${user}`),
    ],
    compiler: environment.CC || 'cc',
  };
}

async function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}

interface Source {
  readonly folder: string;
  /** The C files of the helper. */
  readonly files: readonly string[];
  /** The C file of the library that the helper holds (reporter/ there). */
  readonly reporter: string;
  readonly hash: string;
}

/** Folders of the sources that are no part of the helper. */
const APART = ['tests', 'fuzz', 'reporter'];

/** The C files of a folder without the unit tests, and a hash of them and the compiler. */
async function readSource(folder: string, compiler: string): Promise<Source | undefined> {
  const entries = await readdir(folder, { recursive: true }).catch(() => []);
  const names = entries.filter((name) => /\.[ch]$/.test(name) && !name.startsWith('tests/')).sort();
  if (!names.includes('main.c')) return undefined;
  const hash = createHash('sha256').update(`${process.arch}\0${compiler}\0`);
  for (const name of names) hash.update(`${name}\0`).update(await readFile(join(folder, name)));
  return {
    folder,
    files: names
      .filter((name) => name.endsWith('.c') && !APART.some((apart) => name.startsWith(`${apart}/`)))
      .map((name) => join(folder, name)),
    reporter: join(folder, 'reporter/reporter.c'),
    hash: hash.digest('hex').slice(0, 20),
  };
}

/** Opens a folder that only this user can write to, because the helper in it will be executed. */
async function openCache(folder: string): Promise<boolean> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const stats = await lstat(folder);
    return (
      stats.isDirectory() &&
      stats.uid === (process.geteuid?.() ?? 0) &&
      (stats.mode & 0o022) === 0 &&
      (await access(folder, constants.W_OK | constants.X_OK).then(() => true))
    );
  } catch {
    return false;
  }
}

const run = promisify(execFile);

/** How the reporter is compiled; `REPORTER` in the Makefile of the sources. */
const REPORTER_OPTIONS = [
  ...['-std=gnu11', '-O2', '-s', '-shared', '-fPIC', '-ffreestanding', '-nostdlib', '-fvisibility=hidden'],
  ...['-U_FORTIFY_SOURCE', '-fno-stack-protector', '-fno-tree-loop-distribute-patterns'],
  '-Wl,-z,now,--hash-style=gnu,--build-id=none',
];

/** Compiles the reporter, and gives the option by which the helper holds it. Without it, compilers stop for each file, as all programs do. */
async function compileReporter(compiler: string, source: Source, work: string): Promise<readonly string[]> {
  const made = join(work, 'reporter.so');
  const options = ['-D_GNU_SOURCE', '-I', source.folder, '-o', made, source.reporter];
  try {
    await run(compiler, [...REPORTER_OPTIONS, ...options]);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw error;
    return [];
  }
  return [`-DREPORTER_IMAGE="${made}"`];
}

/** Compiles into `folder`. Static linking is tried first, because the helper runs in roots with another C library. */
async function compile(compiler: string, source: Source, folder: string): Promise<string> {
  const work = await mkdtemp(join(folder, 'build-'));
  try {
    const made = join(work, NAME);
    const base = [
      '-std=gnu11',
      '-pthread',
      '-O2',
      '-D_GNU_SOURCE',
      ...(await compileReporter(compiler, source, work)),
      '-I',
      source.folder,
      '-o',
      made,
      ...source.files,
    ];
    try {
      await run(compiler, ['-static', ...base]);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw error;
      await run(compiler, base);
    }
    await chmod(made, 0o755);
    const kept = join(folder, `${NAME}-${source.hash}`);
    await rename(made, kept);
    return kept;
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

function explainCompiler(compiler: string, cause: unknown): SandboxError {
  const { code, stderr } = cause as { code?: unknown; stderr?: string };
  if (code === 'ENOENT') {
    return new SandboxError(
      'no-compiler',
      'The tracing helper has to be compiled once and there is no C compiler: run "apt install gcc libc6-dev" (Debian, Ubuntu) or "emerge sys-devel/gcc" (Gentoo).',
      { cause },
    );
  }
  if (/No space left/.test(stderr ?? '') || code === 'ENOSPC') {
    return new SandboxError(
      'disk-full',
      'There is no room to compile the tracing helper: free disk space and try again.',
      { cause },
    );
  }
  const first = stderr?.split('\n').find((line) => /error/.test(line)) ?? String(cause);
  return new SandboxError(
    'no-compiler',
    `The tracing helper could not be compiled with "${compiler}": ${first.trim()}.`,
    {
      cause,
    },
  );
}

/**
 * Finds the helper, or compiles it into a cache folder under a name with the hash of its source.
 *
 * @returns path of an executable `ebuild-audit-native`
 * @throws {SandboxError} `no-compiler` if there is no binary and it cannot be compiled, `disk-full` if the disk is full
 */
export async function findHelper(places: HelperPlaces): Promise<string> {
  for (const path of places.binaries) if (await isExecutable(path)) return path;
  for (const folder of places.sources) {
    const source = await readSource(folder, places.compiler);
    if (!source) continue;
    for (const cache of places.caches) {
      const native = join(cache, 'native');
      if (!(await openCache(cache)) || !(await openCache(native))) continue;
      const kept = join(native, `${NAME}-${source.hash}`);
      if (await isExecutable(kept)) return kept;
      try {
        return await compile(places.compiler, source, native);
      } catch (error) {
        throw explainCompiler(places.compiler, error);
      }
    }
    throw new SandboxError(
      'failed',
      `There is no folder to keep the tracing helper in: make ${places.caches[0] ?? '~/.cache'} writable.`,
    );
  }
  throw new SandboxError('failed', 'The tracing helper and its source are missing: reinstall Ebuild Audit.');
}
