import { changeAtomText } from '../../../ebuild/edit/atom-text.ts';
import { replaceAtom } from '../../../ebuild/edit/edit.ts';
import { withUseDependency } from '../../../ebuild/edit/use-dependency.ts';
import { staticMetadata } from '../../../ebuild/static-metadata.ts';
import { BUILD_VARIABLES } from '../../../pms/dependency-variable.ts';
import type { Evidence } from '../../../trace/evidence.ts';
import { atomsFor, evidenceOf, isInherited, nameOf, namesFor, ownerOf } from '../../declared-packages.ts';
import { asFix, type Finding } from '../../finding.ts';
import type { PackageUse, TrialRecord } from '../../record.ts';
import { RULES } from '../../rules.ts';
import { isAlternative, type PlacedAtom } from '../../subject.ts';
import { isActive, type TrialSubject } from '../../trial-subject.ts';

/**
 * `missing-use-dependency`: the build used files of a declared package that only one of the package's flags installs, and no atom asks for
 * the flag (PMS 8.3.4).
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
  return [...found.values()];
}

function judgeFlag(
  subject: TrialSubject,
  state: TrialRecord,
  use: PackageUse,
  flag: string,
): Finding | undefined {
  const { category, name } = use.package;
  const places = atomsFor(subject, use, BUILD_VARIABLES).filter(
    ({ atom }) => atom.category === category && atom.name === name,
  );
  const active = places.filter((place) => isActive(place, state) !== false);
  const [first] = active;
  // An unknown part of an atom, such as a variable of an eclass, may ask for the flag.
  const isAsked = ({ atom, unknown }: PlacedAtom) =>
    unknown.includes('use') || atom.use.some((dependency) => dependency.flag === flag);
  if (first === undefined || active.some(isAsked) || isInherited(subject, use, BUILD_VARIABLES))
    return undefined;
  const asked = `${flag}${isOwnFlag(subject, state, flag, first) ? '?' : ''}`;
  return explain(subject, { use, flag, asked, places: [first, ...active.slice(1)] });
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

/** A flag that is needed and not asked for. */
interface Unasked {
  readonly use: PackageUse;
  readonly flag: string;
  /** The USE dependency to write, without brackets. */
  readonly asked: string;
  readonly places: readonly [PlacedAtom, ...PlacedAtom[]];
}

function explain({ facts }: TrialSubject, { use, flag, asked, places }: Unasked): Finding {
  const written = new Map(places.map((place) => [place.range.start, place]));
  const changes = [...written.values()].flatMap(({ range }) => {
    const text = facts.text.slice(range.start, range.end);
    const changed = withUseDependency(text, asked);
    return isAtomText(changed) ? [{ changed, edits: replaceAtom(facts, range, changed) }] : [];
  });
  const evidence = evidenceOf([use]);
  const isOfFlag = ({ path }: Evidence) => path.includes(flag) || /\.(gir|typelib|vapi)$/.test(path);
  const file = evidence.find(isOfFlag) ?? evidence[0];
  return {
    code: 'missing-use-dependency',
    severity: 'warning',
    message: `The build uses ${file?.path ?? 'a file'} of ${nameOf(use)}, which only USE=${flag} installs: write ${changes[0]?.changed ?? `[${asked}]`}.`,
    range: places[0].range,
    evidence: file === undefined ? evidence : [file],
    fix: asFix(
      `Ask for [${asked}]`,
      changes.flatMap(({ edits }) => edits),
      !places.some(isAlternative),
    ),
    about: namesFor(use),
    why: { owner: ownerOf(use), rule: RULES['missing-use-dependency'], trials: [] },
  };
}

/** Whether an atom with the new USE dependency can be written there. */
const isAtomText = (text: string): boolean => changeAtomText(text, {}) !== undefined;
