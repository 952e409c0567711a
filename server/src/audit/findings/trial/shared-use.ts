import { withUseDependency } from '../../../ebuild/edit/use-dependency.ts';
import { type DependencyVariable, LIBRARY_VARIABLES } from '../../../pms/dependency-variable.ts';
import type { Sought } from '../../declared-packages.ts';
import type { TrialSubject } from '../../trial-subject.ts';

/**
 * The variables in which eclasses keep the flags that a package shares with its dependencies, with the prefix of
 * those flags.
 */
const SHARED: Readonly<Record<string, string>> = {
  MULTILIB_USEDEP: 'abi_',
  PYTHON_USEDEP: 'python_targets_',
  PYTHON_SINGLE_USEDEP: 'python_single_target_',
  LUA_USEDEP: 'lua_targets_',
  LUA_SINGLE_USEDEP: 'lua_single_target_',
};

/**
 * The proposed atom, with `[${MULTILIB_USEDEP}]` or similar if other atoms of the variables have it and the package
 * has such flags. A package that is built for two ABIs needs both of every library.
 */
export function withSharedUse(
  { atoms, facts }: TrialSubject,
  sought: Sought,
  variables: readonly DependencyVariable[],
): string {
  const { atom } = sought;
  // DEPEND and RDEPEND get the same atom, so that one can be set to the other.
  const related: readonly DependencyVariable[] = variables.includes('BDEPEND')
    ? ['BDEPEND']
    : LIBRARY_VARIABLES;
  const habits = atoms
    // A variable in a generator's argument is only known there.
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
  return withUseDependency(atom, `\${${shared[0]}}`);
}
