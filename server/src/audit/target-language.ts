import type { EbuildFacts } from '../ebuild/ebuild-facts.ts';

/** A language whose packages have a flag for each version of it, in the words of its eclasses. */
export interface TargetLanguage {
  readonly name: string;
  readonly category: string;
  /** The flag with which other packages have modules of the language. */
  readonly flag: string;
  /** The eclasses for each chosen version, and those for one of them. */
  readonly several: readonly string[];
  readonly one: readonly string[];
  /** What begins the flags of a package that is installed for several versions, or for one. */
  readonly targets: string;
  readonly singleTarget: string;
  readonly forTargets: string;
  readonly forSingleTarget: string;
  readonly generator: string;
}

/** python-r1.eclass, python-single-r1.eclass, distutils-r1.eclass; lua.eclass, lua-single.eclass. */
const LANGUAGES: readonly TargetLanguage[] = [
  {
    name: 'Python',
    category: 'dev-python',
    flag: 'python',
    several: ['python-r1', 'distutils-r1'],
    one: ['python-single-r1'],
    targets: 'python_targets_',
    singleTarget: 'python_single_target_',
    forTargets: '${PYTHON_USEDEP}',
    forSingleTarget: '${PYTHON_SINGLE_USEDEP}',
    generator: 'python_gen_cond_dep',
  },
  {
    name: 'Lua',
    category: 'dev-lua',
    flag: 'lua',
    several: ['lua'],
    one: ['lua-single'],
    targets: 'lua_targets_',
    singleTarget: 'lua_single_target_',
    forTargets: '${LUA_USEDEP}',
    forSingleTarget: '${LUA_SINGLE_USEDEP}',
    generator: 'lua_gen_cond_dep',
  },
];

/** How an ebuild uses a language. */
export interface TargetBuild {
  readonly language: TargetLanguage;
  readonly isForOne: boolean;
}

/** The languages for whose versions an ebuild is built, by the eclasses that it inherits. */
export function listTargetBuilds(facts: EbuildFacts): TargetBuild[] {
  return LANGUAGES.flatMap((language) => buildFor(facts, language) ?? []);
}

function buildFor({ inherits, assignments }: EbuildFacts, language: TargetLanguage): TargetBuild | undefined {
  const names = inherits.filter(({ context }) => context === 'global').map(({ name }) => name);
  if (names.some((name) => language.one.includes(name))) return { language, isForOne: true };
  if (!names.some((name) => language.several.includes(name))) return undefined;
  const isSingle = assignments.some(({ name }) => name === 'DISTUTILS_SINGLE_IMPL');
  return { language, isForOne: isSingle && !names.includes('python-r1') };
}
