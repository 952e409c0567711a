import { changeAtomText } from '../../../ebuild/edit/atom-text.ts';
import { replaceAtom } from '../../../ebuild/edit/edit.ts';
import { parseAtom } from '../../../pms/atom.ts';
import { LIBRARY_VARIABLES } from '../../../pms/dependency-variable.ts';
import { featuresOf } from '../../../pms/eapi.ts';
import {
  atomsFor,
  isInherited,
  keyOf,
  nameOf,
  namesFor,
  ownAtomsFor,
  ownerOf,
} from '../../declared-packages.ts';
import { asFix, type Finding } from '../../finding.ts';
import { toSentence } from '../../finding-sentence.ts';
import type { PackageUse } from '../../record.ts';
import { RULES } from '../../rules.ts';
import { isAlternative, type PlacedAtom } from '../../subject.ts';
import type { TrialSubject } from '../../trial-subject.ts';

/**
 * `missing-slot-operator`: an installed file links a library of a package whose subslot changes with its ABI, and no
 * atom of the package in RDEPEND has `:=` (PMS 8.3.3), or an atom names one subslot. An atom with `:*` is an explicit choice and
 * is not reported. Nothing is reported if another build would not link the library anew.
 */
export function findMissingSlotOperators(subject: TrialSubject): Finding[] {
  if (!featuresOf(subject.facts.eapi).slotOperators) return [];
  const linked = new Map<string, PackageUse>();
  for (const { uses } of subject.states) {
    for (const use of uses) {
      const { slot, subslot } = use.package;
      if (use.relinked === false || (subslot === slot && !hasVirtualSubslot(use))) continue;
      if (use.kinds.some(({ kind }) => kind === 'linked')) linked.set(keyOf(use), use);
    }
  }
  return [...linked.values()].flatMap((use) => judgeUse(subject, use) ?? []);
}

/** Whether authors name a virtual for the library, and its subslot changes with the ABI, as that of virtual/libudev. */
function hasVirtualSubslot({ atom: printed }: PackageUse): boolean {
  const { atom } = parseAtom(printed);
  return atom?.category === 'virtual' && atom.slotOperator === '=';
}

function judgeUse(subject: TrialSubject, use: PackageUse): Finding | undefined {
  const own = ownAtomsFor(subject, use, LIBRARY_VARIABLES);
  const places = own.length === 0 && hasVirtualSubslot(use) ? atomsFor(subject, use, LIBRARY_VARIABLES) : own;
  if (own.length > 0 && use.package.subslot === use.package.slot) return undefined;
  if (isInherited(subject, use, LIBRARY_VARIABLES)) return undefined;
  // PMS 8.3.3 allows no slot operator inside `|| ( )`.
  const written = places.filter((place) => !isAlternative(place));
  const pinned = written.filter(
    ({ atom, exact }) => exact && atom.subslot !== undefined && atom.slotOperator === '',
  );
  if (pinned.length > 0) return explain(subject, use, pinned, true);
  const isAnswered = ({ atom }: PlacedAtom): boolean =>
    atom.slotOperator !== '' || atom.subslot !== undefined;
  // The operator has an effect in RDEPEND: it ties the package to what DEPEND had when it was built (PMS 8.3.3).
  const atRunTime = places.filter(({ variable }) => variable === 'RDEPEND');
  if ((atRunTime.length > 0 ? atRunTime : places).some(isAnswered)) return undefined;
  const open = written.filter((place) => !isAnswered(place));
  return explain(subject, use, open, false);
}

function explain(
  { facts }: TrialSubject,
  use: PackageUse,
  written: readonly PlacedAtom[],
  isPinned: boolean,
): Finding | undefined {
  const { subslot } = use.package;
  const wanted = isPinned
    ? { slot: slotToWrite(use), slotOperator: '=' as const }
    : { slotOperator: '=' as const };
  const places = [...new Map(written.map((place) => [place.range.start, place])).values()];
  const changes = places.flatMap((place) => {
    const text = changeAtomText(facts.text.slice(place.range.start, place.range.end), wanted);
    const edits = text === undefined ? [] : replaceAtom(facts, place.range, text);
    return text === undefined || edits.length === 0 ? [] : [{ text, edits }];
  });
  const [place] = places;
  const [change] = changes;
  if (place === undefined || change === undefined) return undefined;
  const evidence = use.kinds.filter(({ kind }) => kind === 'linked').flatMap((seen) => seen.evidence);
  const user = `${evidence[0]?.program ?? 'what is installed'} links ${nameOf(use)}`;
  const hasVersion = places.some(({ atom }) => atom.operator !== '');
  return {
    code: 'missing-slot-operator',
    severity: isPinned ? 'warning' : 'information',
    message: isPinned
      ? toSentence(
          `write ${change.text}, or ask for a range of versions if only this ABI works`,
          `${user}, and its atom accepts only subslot ${subslot}, so that no update of the library can be installed`,
        )
      : toSentence(
          `write ${change.text} with the slot operator`,
          `${user}, and is not rebuilt when ${describeSubslot(use, place)} changes, because the atom has no slot operator`,
        ),
    range: place.range,
    evidence,
    fix: asFix(
      `Write ${change.text}`,
      changes.flatMap(({ edits }) => edits),
      // A version beside the subslot shows that the author has chosen it.
      isPinned && !hasVersion,
    ),
    about: namesFor(use),
    why: { owner: ownerOf(use), rule: RULES['missing-slot-operator'], trials: [] },
  };
}

function describeSubslot({ package: { category, slot, subslot } }: PackageUse, { atom }: PlacedAtom): string {
  return atom.category === category
    ? `subslot ${subslot} of slot ${slot}`
    : `the subslot of ${atom.category}/${atom.name}`;
}

/** The slot that the suggested atom names; empty if it needs none. */
function slotToWrite(use: PackageUse): string {
  const { category, name, slot } = use.package;
  const { atom } = parseAtom(use.atom);
  const isOwn = atom?.category === category && atom.name === name;
  return (isOwn ? atom.slot : slot === '0' ? undefined : slot) ?? '';
}
