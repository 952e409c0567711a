import { type DeclaredAtom, declaredAtoms } from '../server/src/ebuild/declared.ts';
import type { EbuildFacts } from '../server/src/ebuild/ebuild-facts.ts';
import { changeAtomText } from '../server/src/ebuild/edit/atom-text.ts';
import { addAtom, moveAtom, removeAtom, replaceAtom, unwrapAtom } from '../server/src/ebuild/edit/edit.ts';
import { applyEdits, type TextEdit } from '../server/src/ebuild/text-edit.ts';
import {
  isBuildVariable,
  isDependencyVariable,
  TRIAL_VARIABLES,
} from '../server/src/pms/dependency-variable.ts';
import { describeDeclaration, forgetPackage, listDeclarations, type ReadFacts } from './declaration.ts';

/** A mistake that an author may make in a correct ebuild. */
export interface Mistake {
  readonly kind:
    | 'pair'
    | 'line'
    | 'apart'
    | 'condition'
    | 'negation'
    | 'place'
    | 'slot-operator'
    | 'use-dependency'
    | 'needless';
  /** A few words, e.g. `without the line DEPEND`. */
  readonly what: string;
  /** The ebuild with the mistake. */
  readonly text: string;
}

/** A program that no build of the measurement runs, in the practice root. */
const NEEDLESS = 'app-misc/jq';

/**
 * Lists the mistakes besides a forgotten package that the text of a correct ebuild allows; no two have the same text.
 *
 * @param runOnly packages that DEPEND need not have, see `Project`
 */
export function listMistakes(
  text: string,
  readFacts: ReadFacts,
  runOnly: readonly string[] = [],
): readonly Mistake[] {
  const facts = readFacts(text);
  const places = TRIAL_VARIABLES.flatMap((variable) =>
    declaredAtoms(facts, variable).map((place) => ({ ...place, variable })),
  );
  const written = [...new Map(places.map((place) => [place.range.start, place])).values()];
  const all = [
    ...forgetPairs(text, readFacts),
    ...forgetLines(facts),
    ...forgetApart(text, readFacts, runOnly),
    ...written.flatMap((place) => mistakesAt(facts, place)),
    ...declareNeedless(facts),
  ];
  const distinct = new Map(
    all.filter((mistake) => mistake.text !== text).map((mistake) => [mistake.text, mistake]),
  );
  return [...distinct.values()];
}

/** Each two packages forgotten together: the build then fails for two reasons, one after the other, or for one that hides the other. */
function forgetPairs(text: string, readFacts: ReadFacts): Mistake[] {
  const names = [...new Set(listDeclarations(readFacts(text)).map((declaration) => declaration.package))];
  return names.flatMap((name, index) =>
    names.slice(index + 1).map((other) => ({
      kind: 'pair' as const,
      what: `without ${name} and ${other}`,
      text: forgetPackage(forgetPackage(text, name, readFacts), other, readFacts),
    })),
  );
}

/** A program in BDEPEND that nothing runs. */
function declareNeedless(facts: EbuildFacts): Mistake[] {
  return [
    {
      kind: 'needless',
      what: `with ${NEEDLESS}`,
      text: applyEdits(facts.text, addAtom(facts, 'BDEPEND', NEEDLESS)),
    },
  ];
}

/** Each assignment of a dependency variable forgotten as a whole, unless another one refers to it. */
function forgetLines({ text, assignments }: EbuildFacts): Mistake[] {
  return assignments
    .filter(({ name, context }) => isDependencyVariable(name) && context === 'global')
    .filter(({ name }) => !new RegExp(`\\$\\{?${name}\\b`).test(text))
    .map(({ name, statement: { start, end } }) => ({
      kind: 'line',
      what: `without the line ${name}`,
      text: text.slice(0, start) + text.slice(end).replace(/^[ \t]*\n/, ''),
    }));
}

/** Where DEPEND is `${RDEPEND}`: both written out, and each atom forgotten in one of them. */
function forgetApart(text: string, readFacts: ReadFacts, runOnly: readonly string[]): Mistake[] {
  const value = readFacts(text).assignments.find(
    ({ name, context }) => name === 'RDEPEND' && context === 'global',
  );
  const line = 'DEPEND="${RDEPEND}"';
  if (value === undefined || text.split(`\n${line}`).length !== 2) return [];
  const list = text.slice(value.valueRange.start, value.valueRange.end);
  const apart = text.replace(`\n${line}`, () => `\nDEPEND="${list}"`);
  const facts = readFacts(apart);
  return (['DEPEND', 'RDEPEND'] as const).flatMap((variable) =>
    declaredAtoms(facts, variable).flatMap(({ atom, range }) => {
      const name = `${atom.category}/${atom.name}`;
      if (variable === 'DEPEND' && runOnly.includes(name)) return [];
      const without = applyEdits(apart, removeAtom(facts, range));
      const remains = listDeclarations(readFacts(without)).length;
      return remains === listDeclarations(facts).length - 1
        ? [{ kind: 'apart' as const, what: `without ${name} in ${variable} alone`, text: without }]
        : [];
    }),
  );
}

/** The mistakes in one atom: in the wrong variable, without its conditions, its slot operator or its USE dependency. */
function mistakesAt(facts: EbuildFacts, place: DeclaredAtom & { readonly variable: string }): Mistake[] {
  const { text } = facts;
  const { atom, range, conditions, variable } = place;
  const name = `${atom.category}/${atom.name}`;
  const make = (kind: Mistake['kind'], what: string, edits: readonly TextEdit[]): Mistake[] =>
    edits.length === 0 ? [] : [{ kind, what, text: applyEdits(text, edits) }];
  const own = text.slice(range.start, range.end);
  const plain = changeAtomText(own, { slotOperator: '' });
  const other = variable === 'DEPEND' ? 'BDEPEND' : 'DEPEND';
  return [
    ...(isDependencyVariable(variable) && isBuildVariable(variable)
      ? make('place', `${name} in ${other}`, moveAtom(facts, range, other))
      : []),
    ...(conditions.length > 0
      ? make('condition', `${name} without its condition`, unwrapAtom(facts, range, [[]]))
      : []),
    ...(conditions.length === 1
      ? make(
          'negation',
          `${name} under the opposite condition`,
          unwrapAtom(facts, range, [conditions.map(({ flag, negated }) => ({ flag, negated: !negated }))]),
        )
      : []),
    // In DEPEND the operator has no effect (PMS 8.3.3).
    ...(variable === 'RDEPEND' && atom.slotOperator === '=' && plain !== undefined
      ? make('slot-operator', `${name} without :=`, replaceAtom(facts, range, plain))
      : []),
    ...(atom.use.length > 0
      ? make(
          'use-dependency',
          `${name} without its flags`,
          replaceAtom(facts, range, own.replace(/\[.*\]$/s, '')),
        )
      : []),
  ];
}

/**
 * What one text declares, with slots, operators and flags, one line for each declaration and for each function of an eclass that prints some;
 * sorted.
 *
 * @param runOnly packages that DEPEND need not have, so that their declarations there do not count
 */
export function describeAll(text: string, readFacts: ReadFacts, runOnly: readonly string[] = []): string[] {
  const facts = readFacts(text);
  const texts = TRIAL_VARIABLES.flatMap((variable) =>
    declaredAtoms(facts, variable).map(({ range }) => facts.text.slice(range.start, range.end)),
  );
  const printed = facts.assignments
    .filter(({ name }) => isDependencyVariable(name))
    .flatMap(({ name, start, end }) =>
      (text.slice(start, end).match(/\$\(\w+\)/g) ?? []).map((call) => `${name}: ${call}`),
    );
  const declared = listDeclarations(facts).flatMap((declaration, index) =>
    declaration.variable === 'DEPEND' && runOnly.includes(declaration.package)
      ? []
      : [`${describeDeclaration(declaration)} as ${texts[index]}`],
  );
  return [...declared, ...printed].sort();
}
