import type { UseCondition } from '../../../ebuild/declared.ts';
import { addAtomUnder, replaceAtom, unwrapAtom, wrapAtom } from '../../../ebuild/edit/edit.ts';
import type { TextEdit } from '../../../ebuild/text-edit.ts';
import { printAtom } from '../../../pms/atom.ts';
import {
  BUILD_VARIABLES,
  type DependencyVariable,
  isBuildVariable,
  TRIAL_VARIABLES,
} from '../../../pms/dependency-variable.ts';
import {
  atomsFor,
  evidenceOf,
  isInherited,
  isSameSlot,
  isUsedAs,
  nameOf,
  namesFor,
  ownerOf,
  usesOf,
} from '../../declared-packages.ts';
import { asFix, type Finding } from '../../finding.ts';
import { toSentence } from '../../finding-sentence.ts';
import { describeDifferences } from '../../image-difference.ts';
import type { PackageUse, TrialRecord } from '../../record.ts';
import { RULES } from '../../rules.ts';
import { certainAtoms, isAlternative, type PlacedAtom } from '../../subject.ts';
import { isActive, needlessBuilds, removalIn, type TrialSubject } from '../../trial-subject.ts';
import { deriveCondition, printUnder, printUseStates } from '../../use-condition.ts';
import { findMisplacedProbe } from './automagic.ts';
import { findConditionalReference } from './conditional-reference.ts';
import { explainConditionalReference } from './eclass-setup.ts';
import { BUILT_AGAINST } from './misplaced-library.ts';
import { whyNeeded } from './need-finding.ts';
import { conditionOf, type UndeclaredNeed, undeclaredNeeds, writtenVariable } from './undeclared-need.ts';

/**
 * `missing-use-conditional`: an atom is declared without a condition but needed under some flags only, or it is
 * declared under a flag but needed without it too (PMS 8.2.2).
 */
export function findMissingUseConditionals(subject: TrialSubject): Finding[] {
  const found = new Map<number, Finding>();
  const findings = [
    ...findTooNarrow(subject),
    ...findTooWide(subject),
    ...findTooWideAtRunTime(subject),
    ...findUnderOtherFlags(subject),
  ];
  // An atom that several variables hold gives one finding.
  for (const finding of findings)
    if (!found.has(finding.range.start)) found.set(finding.range.start, finding);
  return [...found.values()];
}

function findTooNarrow(subject: TrialSubject): Finding[] {
  const found = TRIAL_VARIABLES.flatMap((variable) => undeclaredNeeds(subject, variable));
  return found.flatMap((undeclared) => {
    const { place } = undeclared;
    if (place === undefined) {
      const reference = findConditionalReference(subject, undeclared);
      return reference === undefined
        ? []
        : (explainConditionalReference(subject, undeclared, reference) ?? []);
    }
    // One place may belong to several variables, which one edit fixes together.
    const together = found.filter((candidate) => candidate.place?.range.start === place.range.start);
    const variables = together.map(({ need }) => writtenVariable(subject, need.variable));
    return [explainTooNarrow(subject, undeclared, place, [...new Set(variables)])];
  });
}

function explainTooNarrow(
  subject: TrialSubject,
  { need, state }: UndeclaredNeed,
  place: PlacedAtom,
  variables: readonly DependencyVariable[],
): Finding {
  const { facts } = subject;
  const { alternatives, sure } = conditionOf(subject, need);
  const isAlways = alternatives.some((conditions) => conditions.length === 0);
  const atom = printAtom(place.atom);
  const replaces = isAlways || needlessBuilds(subject, place) !== undefined;
  const moved = replaces ? unwrapAtom(facts, place.range, alternatives) : [];
  const edits = moved.length > 0 ? moved : addAtomUnder(facts, variables, atom, alternatives);
  const flags = place.conditions.map(({ flag, negated }) => ({ flag, negated: !negated }));
  const off = flags.filter(({ flag, negated }) => state.use.includes(flag) !== negated);
  const under = describeConditions(place);
  const remedy = isAlways
    ? `move ${atom} out of ${under}`
    : `${replaces ? 'write' : 'add'} ${printUnder(atom, alternatives)}`;
  const where = isAlways ? `${printUseStates([off])}, too` : printUseStates(alternatives);
  const title = isAlways
    ? `Declare ${atom} without a USE conditional`
    : `Add ${printUnder(atom, alternatives)}`;
  return {
    code: 'missing-use-conditional',
    severity: 'warning',
    message: toSentence(remedy, `${nameOf(need)} is declared only under ${under} and needed with ${where}`),
    range: place.range,
    evidence: need.evidence,
    fix: asFix(title, edits, sure),
    about: namesFor(need),
    why: { ...whyNeeded(need), rule: RULES.declaredTooNarrowly },
  };
}

/** The atoms of packages that the build uses if it finds them, under other flags than those that make it look. */
function findUnderOtherFlags(subject: TrialSubject): Finding[] {
  return subject.states
    .flatMap(({ probes }) => probes)
    .flatMap((probe) => {
      const misplaced = findMisplacedProbe(subject, probe);
      if (misplaced === undefined) return [];
      const { place, alternatives } = misplaced;
      const atom = printAtom(place.atom);
      const under = printUnder(atom, alternatives);
      return {
        code: 'missing-use-conditional' as const,
        severity: 'warning' as const,
        message: toSentence(
          `write ${under}`,
          `${nameOf(probe)} is declared only under ${describeConditions(place)} and used with ${printUseStates(alternatives)}`,
        ),
        range: place.range,
        evidence: probe.evidence,
        fix: asFix(`Write ${under}`, unwrapAtom(subject.facts, place.range, alternatives), true),
        about: namesFor(probe),
        why: {
          owner: ownerOf(probe),
          rule: RULES['missing-use-conditional'],
          trials: [
            `Under ${printUseStates(alternatives)}, ${describeDifferences(probe.differences, nameOf(probe))}.`,
            `With ${printUseStates([place.conditions])} the build without ${atom} installs the same image.`,
          ],
        },
      };
    });
}

function describeConditions({ conditions }: PlacedAtom): string {
  return conditions.map(({ flag, negated }) => `${negated ? '!' : ''}${flag}?`).join(' ');
}

/** How an atom is declared that should be under one more flag. */
function howDeclared(place: PlacedAtom): string {
  return place.conditions.length === 0
    ? 'always declares it'
    : `declares it whenever ${describeConditions(place)} holds`;
}

interface Observed {
  readonly state: TrialRecord;
  readonly uses: readonly PackageUse[];
}

function findTooWide(subject: TrialSubject): Finding[] {
  if (subject.states.length < 2) return [];
  return subject.atoms
    .filter(({ variable }) => isBuildVariable(variable))
    .flatMap((place) => explainTooWide(subject, place) ?? []);
}

/** Whether an atom stands where bash surely reads it, and alone. Its USE dependency may be a variable of an eclass. */
function isPlainAtom(subject: TrialSubject, place: PlacedAtom): boolean {
  const isCertain = place.exact || (place.generator === undefined && certainAtoms(subject).includes(place));
  return isCertain && place.atom.blocker === '' && !isAlternative(place);
}

/** The atoms that RDEPEND alone always has, although the build variables have the package only under flags, and the image needs it only there. */
function findTooWideAtRunTime(subject: TrialSubject): Finding[] {
  const { atoms, facts, states, record } = subject;
  if (states.length < 2) return [];
  return atoms.flatMap((place): Finding[] => {
    if (place.variable !== 'RDEPEND' || place.conditions.length > 0 || !isPlainAtom(subject, place))
      return [];
    const needed = states.filter((state) =>
      usesOf(state, place.atom).some((use) => isUsedAs(use, 'RDEPEND')),
    );
    const [use] = needed.flatMap((state) => usesOf(state, place.atom));
    if (use === undefined || isInherited(subject, use, TRIAL_VARIABLES)) return [];
    const built = atomsFor(subject, use, BUILD_VARIABLES);
    if (built.length === 0 || built.some(({ conditions }) => conditions.length === 0)) return [];
    const others = states.filter((state) => !needed.includes(state));
    const isFree = ({ outcome, needs, named }: TrialRecord): boolean =>
      outcome === 'passed' && ![...needs, ...named].some((found) => isSameSlot(found, use));
    if (!others.every(isFree)) return [];
    const derived = deriveCondition(
      needed.map((state) => state.use),
      others.map((state) => state.use),
      record.iuse,
    );
    if (others.length === 0 || derived?.sure !== true) return [];
    const under = printUnder(facts.text.slice(place.range.start, place.range.end), derived.alternatives);
    return [
      {
        code: 'missing-use-conditional',
        severity: 'information',
        message: toSentence(
          `write ${under} if nothing else loads or runs it`,
          `what is installed needs ${nameOf(use)} only with ${printUseStates(derived.alternatives)}, as ${built[0]?.variable} says`,
        ),
        range: place.range,
        evidence: evidenceOf([use]),
        fix: asFix(`Write ${under}`, putUnder(subject, place, derived.alternatives), false),
        about: namesFor(use),
        why: { owner: ownerOf(use), rule: RULES['missing-use-conditional'], trials: [] },
      },
    ];
  });
}

function explainTooWide(subject: TrialSubject, place: PlacedAtom): Finding | undefined {
  if (!isPlainAtom(subject, place)) return undefined;
  const active = subject.states.filter((state) => isActive(place, state) !== false);
  const observed = active.map((state): Observed => ({ state, uses: usesOf(state, place.atom) }));
  const notNeeded = active.filter((state) => removalIn(state, place)?.outcome === 'same');
  // What only a check reads is not needed, as the build without it has shown.
  const needed = observed.filter(({ state, uses }) => uses.some(isBuiltWith) && !notNeeded.includes(state));
  const [first] = needed.flatMap(({ uses }) => uses.filter(isBuiltWith));
  if (first === undefined || notNeeded.length === 0) return undefined;
  if (active.some((state) => isActive(place, state) === undefined)) return undefined;
  if (isInherited(subject, first, TRIAL_VARIABLES)) return undefined;
  const derived = deriveCondition(
    needed.map(({ state }) => state.use),
    notNeeded.map(({ use }) => use),
    subject.record.iuse,
  );
  if (derived === undefined) return undefined;
  const wrapping = placesToWrap(subject, place, observed, notNeeded);
  if (wrapping === undefined) return undefined;
  const { alternatives, sure } = derived;
  const edits = wrapping.places.flatMap((wrapped) => putUnder(subject, wrapped, alternatives));
  const atom = subject.facts.text.slice(place.range.start, place.range.end);
  const under = printUnder(atom, alternatives);
  const uses = `${printUseStates(alternatives)} uses ${nameOf(first)}`;
  const message = wrapping.proven
    ? toSentence(`write ${under}`, `only ${uses}, and the ebuild ${howDeclared(place)}`)
    : toSentence(
        `write ${under} if nothing else loads or runs it`,
        `the build uses ${nameOf(first)} only with ${printUseStates(alternatives)}, and nothing installed otherwise names it`,
      );
  return {
    code: 'missing-use-conditional',
    severity: wrapping.proven ? 'warning' : 'information',
    message,
    range: place.range,
    evidence: evidenceOf([first]),
    fix: asFix(`Write ${under}`, edits, sure && wrapping.proven),
    about: namesFor(first),
    why: {
      owner: ownerOf(first),
      rule: RULES['missing-use-conditional'],
      trials: [...new Set(notNeeded.map((state) => describeState(state, alternatives)))].map(
        (state) => `With ${state} the build without ${atom} installs the same image.`,
      ),
    },
  };
}

function isBuiltWith(use: PackageUse): boolean {
  return BUILD_VARIABLES.some((variable) => isUsedAs(use, variable));
}

/** Describes a USE state by the flags that the conditions name. */
function describeState({ use }: TrialRecord, alternatives: readonly (readonly UseCondition[])[]): string {
  const flags = new Set(alternatives.flat().map(({ flag }) => flag));
  return printUseStates([[...flags].map((flag) => ({ flag, negated: !use.includes(flag) }))]);
}

/** Where a condition is written. */
interface Wrapping {
  readonly places: readonly PlacedAtom[];
  /** Whether no state can need the package at run time where it is not built with it. */
  readonly proven: boolean;
}

/**
 * The places at which the condition must be written: the atom, and the atom in RDEPEND if the image links the package
 * in exactly the same states. Undefined if the atom cannot get the condition, because it also declares a need at run
 * time. If it does so and no image names the package, a program may still load it by dlopen: not proven.
 */
function placesToWrap(
  subject: TrialSubject,
  place: PlacedAtom,
  observed: readonly Observed[],
  notNeeded: readonly TrialRecord[],
): Wrapping | undefined {
  const others = subject.atoms.filter(
    ({ variable, atom }) =>
      !isBuildVariable(variable) &&
      atom.blocker === '' &&
      atom.category === place.atom.category &&
      atom.name === place.atom.name,
  );
  const isRun = (uses: readonly PackageUse[]): boolean => uses.some((use) => isUsedAs(use, 'RDEPEND'));
  const isLinkedWhereUsed = observed.every(({ uses, state }) =>
    notNeeded.includes(state)
      ? !isRun(uses)
      : uses.length === 0 || uses.some(({ kinds }) => kinds.some(({ kind }) => kind === 'linked')),
  );
  const shared = others.some(({ range }) => range.start === place.range.start);
  if (shared && !isLinkedWhereUsed) {
    const kinds = observed.flatMap(({ uses }) => uses.flatMap((use) => use.kinds.map(({ kind }) => kind)));
    const isNamed = observed.some(({ state, uses }) => notNeeded.includes(state) && isRun(uses));
    // A program is often wanted at run time, a library that nothing links only by dlopen.
    return !isNamed && kinds.some((kind) => BUILT_AGAINST.has(kind))
      ? { places: [place], proven: false }
      : undefined;
  }
  const same = (candidate: PlacedAtom): boolean =>
    candidate.variable === 'RDEPEND' &&
    isPlainAtom(subject, candidate) &&
    describeConditions(candidate) === describeConditions(place) &&
    candidate.range.start !== place.range.start;
  return { places: [place, ...(isLinkedWhereUsed ? others.filter(same) : [])], proven: true };
}

function putUnder(
  { facts }: TrialSubject,
  { range }: PlacedAtom,
  alternatives: readonly (readonly UseCondition[])[],
): readonly TextEdit[] {
  const [only] = alternatives;
  const [condition] = only ?? [];
  if (alternatives.length === 1 && only?.length === 1 && condition !== undefined)
    return wrapAtom(facts, range, condition);
  return replaceAtom(facts, range, printUnder(facts.text.slice(range.start, range.end), alternatives));
}
