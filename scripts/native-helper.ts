import { spawnSync } from 'node:child_process';
import { cp, mkdir, rm, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';

const NATIVE = 'server/native';

/** The processors that the helper is built for, as Node calls them, with the compiler that Debian has for each. */
const COMPILERS = {
  x64: 'x86_64-linux-gnu-gcc',
  arm64: 'aarch64-linux-gnu-gcc',
} as const;
export type Processor = keyof typeof COMPILERS;

/** The folders of the sources that nobody needs who only compiles the helper. */
export const UNSHIPPED_SOURCES: readonly string[] = ['tests', 'fuzz'];

/** The folder of the helper for one processor, below a `dist` folder. */
const helperFolder = (folder: string, processor: string): string => join(folder, 'native', processor);

/**
 * Makes `<folder>/native/source/`, and the helper for this machine in `<folder>/native/<arch>/`. Other machines compile their own
 * from the source.
 *
 * @throws an Error that says what to install if it cannot be compiled
 */
export async function buildNativeHelper(folder: string): Promise<void> {
  const source = join(folder, 'native/source');
  // make compiles every file there, also one that an earlier version had.
  await rm(source, { recursive: true, force: true });
  await cp(NATIVE, source, {
    recursive: true,
    // With its timestamps, make compiles only changed files.
    preserveTimestamps: true,
    filter: async (path) => /(\/Makefile|\.(awk|[ch]))$/.test(path) || (await stat(path)).isDirectory(),
  });
  if (!(await compile(source, helperFolder(folder, process.arch), undefined)))
    throw new Error(
      'The native helper could not be compiled: it needs make and a C compiler (Debian and Ubuntu: apt-get install gcc make libc6-dev; Gentoo has them)',
    );
}

/**
 * Makes the helper for one processor in `<folder>/native/<arch>/`, after {@link buildNativeHelper}.
 *
 * @throws an Error that says what to install if it cannot be compiled
 */
export async function buildHelperFor(folder: string, processor: Processor): Promise<void> {
  if (processor === process.arch) return;
  const compiler = COMPILERS[processor];
  if (!(await compile(join(folder, 'native/source'), helperFolder(folder, processor), compiler)))
    throw new Error(
      `The native helper could not be compiled for ${processor}: it needs ${compiler} (Debian and Ubuntu: apt-get install ${compiler.replace(/^(.+)-gcc$/, 'gcc-$1')} libc6-dev-${processor === 'x64' ? 'amd64' : processor}-cross)`,
    );
}

/** Compiles without symbols: nobody debugs the packaged helper, and they are a third of it. @param compiler absent: that of this machine */
async function compile(source: string, folder: string, compiler: string | undefined): Promise<boolean> {
  const out = resolve(folder);
  await mkdir(out, { recursive: true });
  const settings = [`OUT=${out}`, 'CFLAGS=-O2 -s', ...(compiler === undefined ? [] : [`CC=${compiler}`])];
  const { status } = spawnSync('make', ['-s', '-C', source, ...settings], { stdio: 'inherit' });
  return status === 0;
}
