import { type DependencyVariable, LIBRARY_VARIABLES } from '../../../pms/dependency-variable.ts';
import type { Sought } from '../../declared-packages.ts';
import type { TrialSubject } from '../../trial-subject.ts';

/** The variables in which eclasses put the flags that a package has to share with its dependencies, and how those flags begin. */
const SHARED: Readonly<Record<string, string>> = {
  MULTILIB_USEDEP: 'abi_',
  PYTHON_USEDEP: 'python_targets_',
  PYTHON_SINGLE_USEDEP: 'python_single_target_',
  LUA_USEDEP: 'lua_targets_',
  LUA_SINGLE_USEDEP: 'lua_single_target_',
};

/**
 * The atom that the trial proposes, with `[${MULTILIB_USEDEP}]` or its like where other atoms of the variables have it and the package
 * has such flags: what is built for two ABIs asks for both of them, of every library.
 */
export function withSharedUse(
  { atoms, facts }: TrialSubject,
  sought: Sought,
  variables: readonly DependencyVariable[],
): string {
  const { atom } = sought;
  // DEPEND and RDEPEND ask for the same, so that one can be the other.
  const related: readonly DependencyVariable[] = variables.includes('BDEPEND')
    ? ['BDEPEND']
    : LIBRARY_VARIABLES;
  const habits = atoms
    // What stands in a generator's argument is only known there.
    .filter(
      ({ variable, unknown, generator }) =>
        related.includes(variable) && unknown.includes('use') && generator === undefined,
    )
    .map(({ range }) => facts.text.slice(range.start, range.end));
  const shared = Object.entries(SHARED).find(
    ([name, prefix]) =>
      sought.package.use.some((flag) => flag.startsWith(prefix)) &&
      habits.some((text) => text.includes(`\${${name}}`)),
  );
  if (shared === undefined) return atom;
  const asked = `\${${shared[0]}}`;
  return atom.endsWith(']') ? `${atom.slice(0, -1)},${asked}]` : `${atom}[${asked}]`;
}
