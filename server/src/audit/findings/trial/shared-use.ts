import { withUseDependency } from '../../../ebuild/edit/use-dependency.ts';
import { type DependencyVariable, LIBRARY_VARIABLES } from '../../../pms/dependency-variable.ts';
import type { Sought } from '../../declared-packages.ts';
import { listTargetBuilds } from '../../target-language.ts';
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
 * The proposed atom, with `[${MULTILIB_USEDEP}]` or similar if the package has such flags, and other atoms of the variables have it or an
 * inherited eclass builds for each version of the package's language. A package that is built for two ABIs needs both of every library.
 */
export function withSharedUse(
  subject: TrialSubject,
  sought: Sought,
  variables: readonly DependencyVariable[],
): string {
  const { atoms, facts } = subject;
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
  const asked = shared === undefined ? targetsOf(subject, sought, related) : `\${${shared[0]}}`;
  return asked === undefined ? atom : withUseDependency(atom, asked);
}

/**
 * The words of an inherited eclass for the flags of a package of its language. What is only needed to build may be for another version of
 * the language, except with distutils-r1, which runs it for each. Nothing is asked for where bash would not expand it.
 */
function targetsOf(
  { facts }: TrialSubject,
  { package: { category, use } }: Sought,
  related: readonly DependencyVariable[],
): string | undefined {
  const isBuildTool = related.includes('BDEPEND');
  if (isBuildTool && !facts.inherits.some(({ name }) => name === 'distutils-r1')) return undefined;
  const isQuoted = facts.assignments
    .filter(({ name }) => related.some((variable) => variable === name))
    .every(({ quote }) => quote !== 'single');
  const build = listTargetBuilds(facts).find(({ language }) => language.category === category);
  if (build === undefined || !isQuoted) return undefined;
  const { language, isForOne } = build;
  const has = (prefix: string) => use.some((flag) => flag.startsWith(prefix));
  // With several targets of the package, an ebuild for one version needs a generator, which knows the words.
  if (isForOne) return has(language.singleTarget) ? language.forSingleTarget : undefined;
  return has(language.targets) ? language.forTargets : undefined;
}
