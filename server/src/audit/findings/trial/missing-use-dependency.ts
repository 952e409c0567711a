import { staticMetadata } from '../../../ebuild/static-metadata.ts';
import { BUILD_VARIABLES } from '../../../pms/dependency-variable.ts';
import type { Evidence } from '../../../trace/evidence.ts';
import { evidenceOf, isInherited, nameOf, ownAtomsFor } from '../../declared-packages.ts';
import type { Finding } from '../../finding.ts';
import type { PackageUse, TrialRecord } from '../../record.ts';
import type { PlacedAtom } from '../../subject.ts';
import { isActive, type TrialSubject } from '../../trial-subject.ts';
import { findLackingAbis } from './lacking-abi.ts';
import { findSameFlags } from './same-flag.ts';
import { explainUnasked, type Unasked } from './use-dependency-finding.ts';

/**
 * `missing-use-dependency`: no atom of a declared package asks for a flag that the build or the image needs (PMS 8.3.4). The build used files
 * that only this flag installs; or the package must be there for each ABI; or, not proven, the ebuild has a flag of the same name.
 */
export function findMissingUseDependencies(subject: TrialSubject): Finding[] {
  const found = new Map<string, Finding>();
  for (const state of subject.states) {
    for (const use of state.uses) {
      if (use.licence !== 'declared') continue;
      for (const flag of use.flags ?? []) {
        const finding = judgeFlag(subject, state, use, flag);
        const key = finding && `${finding.range.start} ${flag}`;
        if (finding !== undefined && key !== undefined && !found.has(key)) found.set(key, finding);
      }
    }
  }
  return [...found.values(), ...findLackingAbis(subject), ...findSameFlags(subject)];
}

function judgeFlag(
  subject: TrialSubject,
  state: TrialRecord,
  use: PackageUse,
  flag: string,
): Finding | undefined {
  const places = ownAtomsFor(subject, use, BUILD_VARIABLES);
  const active = places.filter((place) => isActive(place, state) !== false);
  const [first] = active;
  // An unknown part of an atom, such as a variable of an eclass, may ask for the flag.
  const isAsked = ({ atom, unknown }: PlacedAtom) =>
    unknown.includes('use') || atom.use.some((dependency) => dependency.flag === flag);
  if (first === undefined || active.some(isAsked) || isInherited(subject, use, BUILD_VARIABLES))
    return undefined;
  const asked = `${flag}${isOwnFlag(subject, state, flag, first) ? '?' : ''}`;
  return explain(subject, use, flag, { asked, places: [first, ...active.slice(1)] });
}

/** Whether the ebuild has the flag too, and an atom is not under it: then the package needs it only with the flag on. */
function isOwnFlag(
  { facts }: TrialSubject,
  state: TrialRecord,
  flag: string,
  { conditions }: PlacedAtom,
): boolean {
  const iuse = staticMetadata(facts).iuse ?? state.iuse;
  return iuse.includes(flag) && state.use.includes(flag) && !conditions.some((under) => under.flag === flag);
}

function explain(
  { facts }: TrialSubject,
  use: PackageUse,
  flag: string,
  { asked, places }: Pick<Unasked, 'asked' | 'places'>,
): Finding {
  const evidence = evidenceOf([use]);
  const isOfFlag = ({ path }: Evidence) => path.includes(flag) || /\.(gir|typelib|vapi)$/.test(path);
  const file = evidence.find(isOfFlag) ?? evidence[0];
  return explainUnasked(facts, {
    use,
    asked,
    places,
    severity: 'warning',
    evidence: file === undefined ? evidence : [file],
    reason: `the build uses ${file?.path ?? 'a file'} of ${nameOf(use)}, which only USE=${flag} installs`,
  });
}
