import type { DependencyVariable } from '../pms/dependency-variable.ts';

/**
 * The variable that each kind of use points to (PMS 8.1, table of dependency classes): programs that run on the machine that builds to
 * BDEPEND, files that are built against to DEPEND, and what the installed image needs to RDEPEND. `data` points nowhere by itself.
 *
 * `linked` is DT_NEEDED of an installed ELF file, `interpreter` the program that an installed script or ELF file names to be run by; the
 * other kinds follow from the path of a file that the build used.
 */
const VARIABLES = {
  program: 'BDEPEND',
  'build-module': 'BDEPEND',
  header: 'DEPEND',
  library: 'DEPEND',
  'pkg-config': 'DEPEND',
  cmake: 'DEPEND',
  description: 'DEPEND',
  data: undefined,
  linked: 'RDEPEND',
  interpreter: 'RDEPEND',
} as const satisfies Readonly<Record<string, DependencyVariable | undefined>>;

/** How a file of a package was used: its purpose by path (path-class.ts), or its part in the image. */
export type UseKind = keyof typeof VARIABLES;

export const USE_KINDS = Object.keys(VARIABLES) as readonly UseKind[];

/** The variable that a use of this kind points to; undefined for `data`. */
export function variableFor(kind: UseKind): DependencyVariable | undefined {
  return VARIABLES[kind];
}

/**
 * Where a package that is used in these ways at build time belongs. A program that runs and a library that is built against are
 * two reasons; a build-time module counts only where nothing is built against, because such a package brings its modules with it.
 */
export function variablesOf(kinds: Iterable<UseKind>): DependencyVariable[] {
  const all = new Set(kinds);
  const isBuiltAgainst = [...all].some((kind) => variableFor(kind) === 'DEPEND');
  const runs = all.has('program') || (all.has('build-module') && !isBuiltAgainst);
  return [...(isBuiltAgainst ? ['DEPEND' as const] : []), ...(runs ? ['BDEPEND' as const] : [])];
}
