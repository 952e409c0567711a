import type { EbuildFacts } from '../ebuild/ebuild-facts.ts';
import { carriersOf } from '../ebuild/edit/reference.ts';
import type { DependencyVariable } from '../pms/dependency-variable.ts';
import { nameOf } from './declared-packages.ts';
import type { Need } from './record.ts';

/** A language whose interpreters Gentoo takes only through eclasses, because the user chooses among their slots. */
export interface Language {
  /** The variable of the eclasses with the atoms. */
  readonly dependencies: string;
  /** The variable of the eclasses that belongs in REQUIRED_USE if the installed package needs the interpreter; undefined if there is none. */
  readonly requiredUse?: string;
  /** The variable in which the ebuild says which versions it supports. */
  readonly supported: string;
  /** The eclass for what needs the interpreter only while it is built. */
  readonly forBuild: string;
  /** The eclass for what needs one version of the interpreter to run. */
  readonly forRun: string;
  /** Other eclasses that give the variables; they install for each chosen version. */
  readonly forEach: readonly string[];
  /** The value of `supported` for one slot. */
  supports(slot: string): string;
}

/** By the name of the interpreter's package: python-any-r1.eclass, lua-single.eclass, ruby-single.eclass, guile-single.eclass. */
const LANGUAGES: Readonly<Record<string, Language>> = {
  'dev-lang/python': {
    dependencies: 'PYTHON_DEPS',
    requiredUse: 'PYTHON_REQUIRED_USE',
    supported: 'PYTHON_COMPAT',
    forBuild: 'python-any-r1',
    forRun: 'python-single-r1',
    forEach: ['python-r1', 'distutils-r1'],
    supports: (slot) => `( python${slot.replace('.', '_')} )`,
  },
  'dev-lang/lua': {
    dependencies: 'LUA_DEPS',
    requiredUse: 'LUA_REQUIRED_USE',
    supported: 'LUA_COMPAT',
    forBuild: 'lua-single',
    forRun: 'lua-single',
    forEach: ['lua'],
    supports: (slot) => `( lua${slot.replace('.', '-')} )`,
  },
  'dev-lang/ruby': {
    dependencies: 'RUBY_DEPS',
    supported: 'USE_RUBY',
    forBuild: 'ruby-single',
    forRun: 'ruby-single',
    forEach: [],
    supports: (slot) => `"ruby${slot.replace('.', '')}"`,
  },
  'dev-scheme/guile': {
    dependencies: 'GUILE_DEPS',
    requiredUse: 'GUILE_REQUIRED_USE',
    supported: 'GUILE_COMPAT',
    forBuild: 'guile-single',
    forRun: 'guile-single',
    forEach: ['guile'],
    supports: (slot) => `( ${slot.replace('.', '-')} )`,
  },
};

/** The functions of eclasses that print the atom of a compiler, by its package: the eclass chooses the slot. */
const PRINTERS: Readonly<Record<string, { readonly eclass: string; readonly call: string }>> = {
  'dev-lang/vala': { eclass: 'vala', call: '$(vala_depend)' },
};

/** The call that prints the atom of a compiler in BDEPEND, if the ebuild inherits its eclass. */
export function printerFor(
  { inherits }: EbuildFacts,
  sought: Pick<Need, 'package'>,
  variables: readonly DependencyVariable[],
): string | undefined {
  const printer = PRINTERS[nameOf(sought)];
  if (printer === undefined || variables.some((variable) => variable !== 'BDEPEND')) return undefined;
  const isInherited = inherits.some(({ name, context }) => name === printer.eclass && context === 'global');
  return isInherited ? printer.call : undefined;
}

export function languageOf(sought: Pick<Need, 'package'>): Language | undefined {
  return LANGUAGES[nameOf(sought)];
}

/** The eclass that an ebuild without one needs for the interpreter in this variable. */
export function eclassFor(language: Language, variable: DependencyVariable): string {
  return variable === 'RDEPEND' ? language.forRun : language.forBuild;
}

/** The eclass of the language that the ebuild inherits, whatever happens; undefined if it inherits none. */
export function inheritedFor({ inherits }: EbuildFacts, language: Language): string | undefined {
  const { forBuild, forRun, forEach } = language;
  return inherits.find(
    ({ name, context }) => context === 'global' && [forRun, ...forEach, forBuild].includes(name),
  )?.name;
}

/**
 * `${PYTHON_DEPS}` or the like, if the ebuild inherits an eclass that gives it for all of the variables: what is for the build only has no
 * version that stays.
 */
export function referenceFor(
  facts: EbuildFacts,
  sought: Pick<Need, 'package'>,
  variables: readonly DependencyVariable[],
): string | undefined {
  const language = languageOf(sought);
  const eclass = language && inheritedFor(facts, language);
  if (language === undefined || eclass === undefined) return undefined;
  const isForBuildOnly = eclass === language.forBuild && eclass !== language.forRun;
  return isForBuildOnly && variables.includes('RDEPEND') ? undefined : `\${${language.dependencies}}`;
}

/** Whether the text of a variable, or of one whose value becomes a part of it, has the words, e.g. `${PYTHON_DEPS}`. */
export function refersTo(facts: EbuildFacts, variable: DependencyVariable, words: string): boolean {
  const names = carriersOf(facts).get(variable);
  return facts.assignments.some(
    ({ name, start, end }) => names?.has(name) === true && facts.text.slice(start, end).includes(words),
  );
}
