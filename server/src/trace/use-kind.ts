import type { DependencyVariable } from '../pms/dependency-variable.ts';

/**
 * The variable that each kind of use points to (PMS 8.1, table of dependency classes): BDEPEND for programs that run on the build machine,
 * DEPEND for files that are built against, RDEPEND for the needs of the installed image. `data` points to no variable by itself.
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
  // The last ones follow from the image: DT_NEEDED of ELF files, the programs that scripts and ELF files name to run them, and what installed
  // files name to find it when they run.
  linked: 'RDEPEND',
  interpreter: 'RDEPEND',
  named: 'RDEPEND',
} as const satisfies Readonly<Record<string, DependencyVariable | undefined>>;

/** How a file of a package was used: its purpose by path (path-class.ts), or its part in the image. */
export type UseKind = keyof typeof VARIABLES;

export const USE_KINDS = Object.keys(VARIABLES) as readonly UseKind[];

/** The variable that a use of this kind points to; undefined for `data`. */
export function variableFor(kind: UseKind): DependencyVariable | undefined {
  return VARIABLES[kind];
}

/**
 * The variables for a package that is used in these ways at build time. A program that runs and a library that is built against are two
 * reasons. A build-time module counts only if nothing is built against, because such a package brings its own modules.
 */
export function variablesOf(kinds: Iterable<UseKind>): DependencyVariable[] {
  const all = new Set(kinds);
  const isBuiltAgainst = [...all].some((kind) => variableFor(kind) === 'DEPEND');
  const runs = all.has('program') || (all.has('build-module') && !isBuiltAgainst);
  return [...(isBuiltAgainst ? ['DEPEND' as const] : []), ...(runs ? ['BDEPEND' as const] : [])];
}
