import { LIBRARY_VARIABLES } from '../../../pms/dependency-variable.ts';
import { EVIDENCE_KEPT, type Evidence } from '../../../trace/evidence.ts';
import { variableFor } from '../../../trace/use-kind.ts';
import { isSameSlot, keyOf, nameOf, ownAtomsFor } from '../../declared-packages.ts';
import type { Finding } from '../../finding.ts';
import type { PackageUse, TrialRecord } from '../../record.ts';
import type { PlacedAtom } from '../../subject.ts';
import { isActive, type TrialSubject } from '../../trial-subject.ts';
import { explainUnasked } from './use-dependency-finding.ts';

/** Flags that mean something else in each package. Those of USE_EXPAND have an underscore. */
const OF_EACH_PACKAGE =
  /_|^(?:debug|doc|examples|extras?|gui|minimal|nls|server|client|daemon|static|static-libs|test|threads|tools|utils|verify-sig)$/;

/**
 * Finds packages that the ebuild uses under a flag and that have a flag of the same name: what is used may be there only with that one. That
 * is not proven, because only one state of the package is installed.
 */
export function findSameFlags(subject: TrialSubject): Finding[] {
  const found = new Map<string, Finding>();
  for (const state of subject.states) {
    for (const use of state.uses) {
      // The names of the used files say more.
      if (use.licence !== 'declared' || use.flags !== undefined) continue;
      for (const flag of state.iuse) {
        const key = `${keyOf(use)} ${flag}`;
        const finding = found.has(key) ? undefined : judgeFlag(subject, state, use, flag);
        if (finding !== undefined) found.set(key, finding);
      }
    }
  }
  return [...found.values()];
}

function judgeFlag(
  subject: TrialSubject,
  state: TrialRecord,
  use: PackageUse,
  flag: string,
): Finding | undefined {
  if (OF_EACH_PACKAGE.test(flag) || !state.use.includes(flag) || !use.package.use.includes(flag))
    return undefined;
  const places = activePlaces(subject, state, use);
  const [first, ...others] = places;
  if (first === undefined || places.some((place) => mayAsk(place, flag))) return undefined;
  const isUnder = ({ conditions }: PlacedAtom) =>
    conditions.some((under) => under.flag === flag && !under.negated);
  const evidence = places.every(isUnder)
    ? builtAgainst(use)[0]?.evidence[0]
    : places.some(isUnder)
      ? undefined
      : findOnlyWith(subject, state, use, flag);
  return evidence && explain(subject, use, flag, [first, ...others], evidence);
}

function activePlaces(subject: TrialSubject, state: TrialRecord, use: PackageUse): PlacedAtom[] {
  return ownAtomsFor(subject, use, LIBRARY_VARIABLES).filter((place) => isActive(place, state) !== false);
}

const mayAsk = ({ atom, unknown, generator }: PlacedAtom, flag: string): boolean =>
  generator !== undefined || unknown.includes('use') || atom.use.some((asked) => asked.flag === flag);

const builtAgainst = ({ kinds }: PackageUse) =>
  kinds.filter(({ kind, evidence }) => variableFor(kind) === 'DEPEND' && evidence.length > 0);

/** A file of the package that is used with the flag and not in any passed state that differs from this one only by it. */
function findOnlyWith(
  { states }: TrialSubject,
  state: TrialRecord,
  use: PackageUse,
  flag: string,
): Evidence | undefined {
  const without = states.find(
    (other) =>
      other.outcome === 'passed' &&
      state.outcome === 'passed' &&
      !other.use.includes(flag) &&
      other.use.length === state.use.length - 1 &&
      other.use.every((enabled) => state.use.includes(enabled)),
  );
  const before = without?.uses.filter((other) => isSameSlot(other, use)).flatMap(builtAgainst);
  if (before === undefined || before.length === 0) return undefined;
  // Of a long list only the first ones were kept.
  if (before.some(({ evidence }) => evidence.length >= EVIDENCE_KEPT)) return undefined;
  const known = new Set(before.flatMap(({ evidence }) => evidence.map(({ path }) => path)));
  return builtAgainst(use)
    .flatMap(({ evidence }) => evidence)
    .find(({ path }) => !known.has(path));
}

function explain(
  { facts }: TrialSubject,
  use: PackageUse,
  flag: string,
  places: readonly [PlacedAtom, ...PlacedAtom[]],
  evidence: Evidence,
): Finding {
  const isUnder = places[0].conditions.some((under) => under.flag === flag);
  return explainUnasked(facts, {
    use,
    asked: isUnder ? flag : `${flag}?`,
    places,
    severity: 'information',
    evidence: [evidence],
    unless: ` if the build needs that flag of ${nameOf(use)}`,
    reason: `with USE=${flag} the build uses ${evidence.path} of ${nameOf(use)}, which has a flag ${flag}, too`,
  });
}
