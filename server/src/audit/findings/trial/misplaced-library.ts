import { changeAtomText } from '../../../ebuild/edit/atom-text.ts';
import { chooseCarriers, moveAtom } from '../../../ebuild/edit/edit.ts';
import type { TextEdit } from '../../../ebuild/text-edit.ts';
import { parseAtom } from '../../../pms/atom.ts';
import {
  BUILD_VARIABLES,
  type DependencyVariable,
  LIBRARY_VARIABLES,
} from '../../../pms/dependency-variable.ts';
import { USE_KINDS, type UseKind, variableFor } from '../../../trace/use-kind.ts';
import { atomsFor, isInherited, isSameSlot, usesOf } from '../../declared-packages.ts';
import type { Need, PackageUse } from '../../record.ts';
import { isAlternative, type PlacedAtom } from '../../subject.ts';
import { isActive, type TrialSubject } from '../../trial-subject.ts';

/** A package that the image links was built against, too. */
export const BUILT_AGAINST: ReadonlySet<UseKind> = new Set([...kindsFor('DEPEND'), 'linked']);
export const RUN: ReadonlySet<UseKind> = new Set(kindsFor('BDEPEND'));

function kindsFor(variable: DependencyVariable): UseKind[] {
  return USE_KINDS.filter((kind) => variableFor(kind) === variable);
}

/**
 * The uses of the atom's packages in the states in which it is active; undefined if one of these states did not pass.
 */
export function usesEverywhere({ states }: TrialSubject, place: PlacedAtom): PackageUse[] | undefined {
  const active = states.filter((state) => isActive(place, state) !== false);
  if (active.some((state) => state.outcome !== 'passed')) return undefined;
  return active.flatMap((state) => usesOf(state, place.atom));
}

/** Whether the uses show that the package is built against and not run. */
export function isOnlyBuiltAgainst(uses: readonly PackageUse[]): boolean {
  const kinds = uses.flatMap((use) => use.kinds.map(({ kind }) => kind));
  return kinds.some((kind) => BUILT_AGAINST.has(kind)) && !kinds.some((kind) => RUN.has(kind));
}

/** Whether an atom can be judged, and moved, at the place where it stands: no other variable holds it there. */
export function standsAlone(subject: TrialSubject, place: PlacedAtom): boolean {
  const { variable, atom, range } = place;
  if (atom.blocker !== '' || !place.exact || isAlternative(place) || place.viaVariable !== undefined)
    return false;
  return !subject.atoms.some((other) => other.variable !== variable && other.range.start === range.start);
}

/** The move of a library from BDEPEND to where it belongs. */
export interface LibraryMove {
  readonly place: PlacedAtom;
  /** The atom to write. */
  readonly text: string;
  /** The variable that then holds it. */
  readonly target: string;
  readonly edits: readonly TextEdit[];
}

/**
 * The move of an atom of BDEPEND whose library RDEPEND needs too, to the variable that brings it to DEPEND and RDEPEND. Without
 * it, the atom would be moved to DEPEND and added to RDEPEND, and one of them may bring it to the other.
 *
 * @returns undefined if there is no such atom, or no common variable
 */
export function moveToLibraries(subject: TrialSubject, need: Need): LibraryMove | undefined {
  const { facts } = subject;
  if (need.variable !== 'RDEPEND' || atomsFor(subject, need, LIBRARY_VARIABLES).length > 0) return undefined;
  const [place, ...more] = atomsFor(subject, need, ['BDEPEND']);
  if (place === undefined || more.length > 0 || !standsAlone(subject, place)) return undefined;
  const uses = usesEverywhere(subject, place);
  if (uses === undefined || !isOnlyBuiltAgainst(uses) || isInherited(subject, need, BUILD_VARIABLES))
    return undefined;
  const [target, ...others] = chooseCarriers(facts, LIBRARY_VARIABLES);
  if (target === undefined || others.length > 0) return undefined;
  const text = libraryText(subject, place);
  const edits = moveAtom(facts, place.range, LIBRARY_VARIABLES, text);
  return edits.length === 0 ? undefined : { place, text, target, edits };
}

/**
 * The text of an atom of BDEPEND for DEPEND, where it gets the slot and the operator that RDEPEND has or needs: BDEPEND has no use for them.
 */
export function libraryText(subject: TrialSubject, place: PlacedAtom): string {
  const written = subject.facts.text.slice(place.range.start, place.range.end);
  const needs = subject.states
    .flatMap((state) => state.needs)
    .filter(({ variable }) => variable === 'RDEPEND');
  const need = needs.find((candidate) =>
    usesEverywhere(subject, place)?.some((use) => isSameSlot(use, candidate)),
  );
  const declared = subject.atoms.find(
    ({ variable, atom, exact }) =>
      variable === 'RDEPEND' &&
      exact &&
      atom.category === place.atom.category &&
      atom.name === place.atom.name,
  );
  const like = declared?.atom ?? (need && parseAtom(need.atom).atom);
  const isSame = like?.category === place.atom.category && like.name === place.atom.name;
  if (!isSame || like.slotOperator !== '=' || place.atom.slotOperator !== '') return written;
  const { slot, subslot } = place.atom;
  const wanted = slot === undefined && like.slot !== undefined ? { slot: like.slot } : {};
  return subslot !== undefined
    ? written
    : (changeAtomText(written, { ...wanted, slotOperator: '=' }) ?? written);
}
