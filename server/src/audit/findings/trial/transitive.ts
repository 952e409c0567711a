import { variableRange } from '../../../ebuild/anchor.ts';
import { addAtomUnder, chooseCarriers, unwrapAtom } from '../../../ebuild/edit/edit.ts';
import { printAtom } from '../../../pms/atom.ts';
import {
  BUILD_VARIABLES,
  type DependencyVariable,
  LIBRARY_VARIABLES,
  TRIAL_VARIABLES,
} from '../../../pms/dependency-variable.ts';
import type { Evidence } from '../../../trace/evidence.ts';
import {
  atomsFor,
  declares,
  evidenceOf,
  isSameSlot,
  isUsedAs,
  keyOf,
  nameOf,
  namesFor,
  ownerOf,
} from '../../declared-packages.ts';
import { asFix, type Finding } from '../../finding.ts';
import { toSentence } from '../../finding-sentence.ts';
import { referenceFor } from '../../language.ts';
import type { PackageUse, TrialRecord } from '../../record.ts';
import { RULES } from '../../rules.ts';
import type { PlacedAtom } from '../../subject.ts';
import { needlessBuilds, type TrialSubject } from '../../trial-subject.ts';
import { deriveCondition, printUnder } from '../../use-condition.ts';
import { atomToAdd, writtenVariable } from './undeclared-need.ts';

/**
 * `transitive`: the ebuild itself uses a package that is visible only because a declared package needs it. It is a
 * warning if an installed file links its library and uses symbols of it, because the file breaks when the other
 * package no longer needs the library, and for pkg-config. What upstream's metadata requires is an information.
 */
export function findTransitive(subject: TrialSubject): Finding[] {
  const found = new Map<string, Direct>();
  for (const state of subject.states) {
    for (const use of state.uses) {
      // No better package is known than the one that the declared package brings.
      if (use.licence !== 'closure' || use.deprecated) continue;
      const variables = undeclaredVariables(subject, state, use).filter(
        // A missing-* finding says more.
        (variable) => !isNeeded(state, use, variable) && !isFixedAnyway(subject, state, use, variable),
      );
      if (variables.length === 0) continue;
      const key = keyOf(use);
      const known = found.get(key);
      found.set(key, {
        uses: [...(known?.uses ?? []), use],
        variables: new Set([...(known?.variables ?? []), ...variables]),
      });
    }
  }
  return [...found.values()].flatMap((direct) => explain(subject, direct) ?? []);
}

/** The uses of one package, at build time and at run time, and the variables that lack it. */
interface Direct {
  readonly uses: readonly PackageUse[];
  readonly variables: ReadonlySet<DependencyVariable>;
}

function undeclaredVariables(
  subject: TrialSubject,
  state: TrialRecord,
  use: PackageUse,
): DependencyVariable[] {
  const pointed = TRIAL_VARIABLES.filter((variable) => isUsedAs(use, variable));
  const isBuiltAgainst = pointed.includes('DEPEND');
  const runs = use.kinds.some(({ kind }) => kind === 'program');
  return (
    pointed
      // An atom for the headers of a package also brings its macros and modules.
      .filter((variable) => variable !== 'BDEPEND' || runs || !isBuiltAgainst)
      .filter((variable) => {
        const enough = variable === 'RDEPEND' ? (['RDEPEND'] as const) : BUILD_VARIABLES;
        return !declares(subject, state, use, enough);
      })
      .map((variable) => writtenVariable(subject, variable))
  );
}

function isNeeded(state: TrialRecord, use: PackageUse, variable: DependencyVariable): boolean {
  return state.needs.some((need) => need.variable === variable && isSameSlot(need, use));
}

/** Whether DEPEND gets the atom through `${RDEPEND}` as soon as it is added to RDEPEND. */
function isFixedAnyway(
  subject: TrialSubject,
  state: TrialRecord,
  use: PackageUse,
  variable: DependencyVariable,
): boolean {
  if (variable !== 'DEPEND' || !isNeeded(state, use, 'RDEPEND')) return false;
  if (declares(subject, state, use, ['RDEPEND'])) return false;
  const carriers = chooseCarriers(subject.facts, LIBRARY_VARIABLES);
  return carriers.length === 1 && carriers[0] === 'RDEPEND';
}

function explain(subject: TrialSubject, direct: Direct): Finding | undefined {
  const { facts, record, states } = subject;
  const [use] = direct.uses;
  if (use === undefined) return undefined;
  const variables = [...direct.variables];
  const isUsedIn = (state: TrialRecord): boolean =>
    state.uses.some(
      (candidate) =>
        isSameSlot(candidate, use) && variables.some((variable) => isUsedAs(candidate, variable)),
    );
  const { alternatives } = deriveCondition(
    states.filter(isUsedIn).map((state) => state.use),
    states.filter((state) => state.outcome === 'passed' && !isUsedIn(state)).map((state) => state.use),
    record.iuse,
  ) ?? { alternatives: [[]] };
  const target = chooseCarriers(facts, variables).join(' and ');
  const atom = referenceFor(facts, use, variables) ?? atomToAdd(subject, use, variables);
  const entry = printUnder(atom, alternatives);
  const needless = findNeedless(subject, use, variables);
  const moved = needless === undefined ? [] : unwrapAtom(facts, needless.range, alternatives);
  const edits = moved.length > 0 ? moved : addAtomUnder(facts, variables, atom, alternatives);
  const evidence = evidenceOf(direct.uses);
  const kinds = new Set(direct.uses.flatMap((seen) => seen.kinds.map(({ kind }) => kind)));
  // Gentoo asks for pkg-config also where the build system brings it. A build that asks for a library by name stops without it.
  const isFault =
    use.atom === 'virtual/pkgconfig' ||
    kinds.has('linked') ||
    // Such a use is recorded only if the image links the library.
    kinds.has('library') ||
    (kinds.has('pkg-config') && kinds.has('header'));
  const calledIn = direct.uses.find((candidate) => candidate.calledIn !== undefined)?.calledIn;
  const calledFrom = calledIn === undefined ? '' : `, and ${calledIn} calls it`;
  const through = use.through?.join(', ') || 'a declared package';
  const remedy =
    needless !== undefined && moved.length > 0
      ? `declare ${printUnder(printAtom(needless.atom), alternatives)} instead of ${printUnder(printAtom(needless.atom), [needless.conditions])}`
      : `add ${entry} to ${target}`;
  return {
    code: 'transitive',
    severity: isFault ? 'warning' : 'information',
    message: toSentence(
      remedy,
      `${describeUse(use, evidence[0])}, which is visible only because ${through} needs it${calledFrom}`,
    ),
    range: variableRange(facts, variables[0] ?? 'DEPEND'),
    evidence,
    // What upstream requires itself is surely meant; that it comes from elsewhere is no fault yet.
    fix: asFix(
      `${remedy[0]?.toUpperCase()}${remedy.slice(1)}`,
      edits,
      isFault || use.requirement !== undefined,
    ),
    about: namesFor(use),
    why: { owner: ownerOf(use), rule: RULES.transitive, trials: [] },
  };
}

/** The atom of the package that stands under other flags only, in states that build the same without it. */
function findNeedless(
  subject: TrialSubject,
  use: PackageUse,
  variables: readonly DependencyVariable[],
): PlacedAtom | undefined {
  const places = atomsFor(subject, use, variables);
  return places.every(({ conditions }) => conditions.length > 0)
    ? places.find((place) => needlessBuilds(subject, place) !== undefined)
    : undefined;
}

function describeUse(use: PackageUse, evidence: Evidence | undefined): string {
  const name = nameOf(use);
  if (evidence === undefined) return `the build uses ${name}`;
  if (use.requirement !== undefined)
    return `${evidence.program} requires ${use.requirement}${use.requirement.includes(' ') ? ',' : ''} of ${name}`;
  if (evidence.operation === 'link') return `${evidence.program} links ${evidence.path} of ${name}`;
  return `the build uses ${evidence.path} of ${name}`;
}
