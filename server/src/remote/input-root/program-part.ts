import { execFileSync } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import { posix } from 'node:path';
import { UserError } from '../../errors/user-error.ts';
import type { MachineTree } from './machine-tree.ts';

/** The programs that a worker runs, and this product. */
export interface Programs {
  /** Absolute path of Node. */
  readonly node: string;
  /** Absolute path of bubblewrap. */
  readonly bwrap: string;
  /** The compiled helper. */
  readonly helper: string;
  /** The folder with the bundle of the command line, `dist`. */
  readonly product: string;
}

/** What the product runs besides: `removeTree` does. */
const OTHER_PROGRAMS = ['/usr/bin/rm', '/usr/bin/chmod'];

/** The parts of the product that a worker needs. */
const OF_PRODUCT = ['cli', 'worker', 'wasm'];

/** The path of the helper in an input root; see `helperPlaces`. */
export function helperIn({ product }: Pick<Programs, 'product'>): string {
  return posix.join(product, 'native', process.arch, 'ebuild-audit-native');
}

/**
 * Adds programs with the libraries that they load, at the paths that they have here, and the product without its helper.
 *
 * @throws UserError if a program cannot be used
 */
export function addPrograms(tree: MachineTree, { node, bwrap, product }: Programs): void {
  for (const program of [node, bwrap, ...findOthers()]) {
    tree.add(program);
    for (const library of listLibraries(program)) tree.add(library);
  }
  if (existsSync('/etc/ld.so.cache')) tree.add('/etc/ld.so.cache');
  for (const part of OF_PRODUCT) tree.add(posix.join(product, part));
}

function findOthers(): readonly string[] {
  return OTHER_PROGRAMS.flatMap(
    (path) => [path, path.replace('/usr', '')].find((place) => existsSync(place)) ?? [],
  );
}

/** What {@link listLibraries} has listed. The programs of this machine do not change while it runs trials. */
const listed = new Map<string, readonly string[]>();

/** The libraries that a program of this machine loads, with the loader itself (ldd(1)). */
function listLibraries(program: string): readonly string[] {
  const known = listed.get(program) ?? askLoader(program);
  listed.set(program, known);
  return known;
}

function askLoader(program: string): readonly string[] {
  let output: string;
  try {
    output = execFileSync('ldd', [realpathSync(program)], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  } catch (error) {
    const { stderr = '', stdout = '', message } = error as Error & { stderr?: string; stdout?: string };
    // A static program needs none.
    if (/not a dynamic executable|statically linked/.test(stderr + stdout)) return [];
    throw new UserError(
      `The libraries of ${program} cannot be listed, so it cannot travel to a worker (${message}).`,
    );
  }
  return output.split('\n').flatMap((line) => /(?:=>|^)\s*(\/\S+)/.exec(line.trim())?.[1] ?? []);
}
