import { changeAtomText } from '../../../ebuild/edit/atom-text.ts';
import { replaceAtom } from '../../../ebuild/edit/edit.ts';
import { LIBRARY_VARIABLES } from '../../../pms/dependency-variable.ts';
import { featuresOf } from '../../../pms/eapi.ts';
import { atomsFor, isInherited, keyOf, nameOf, namesFor, ownerOf } from '../../declared-packages.ts';
import { asFix, type Finding } from '../../finding.ts';
import type { PackageUse } from '../../record.ts';
import { RULES } from '../../rules.ts';
import { isAlternative, type PlacedAtom } from '../../subject.ts';
import type { TrialSubject } from '../../trial-subject.ts';

/**
 * `missing-slot-operator`: an installed file links a library of a package whose subslot changes with its ABI, and no
 * declared atom of the package has `:=` (PMS 8.3.3). An atom with `:*` or a subslot is an explicit choice and is not
 * reported.
 */
export function findMissingSlotOperators(subject: TrialSubject): Finding[] {
  if (!featuresOf(subject.facts.eapi).slotOperators) return [];
  const linked = new Map<string, PackageUse>();
  for (const { uses } of subject.states) {
    for (const use of uses) {
      const { slot, subslot } = use.package;
      if (subslot !== slot && use.kinds.some(({ kind }) => kind === 'linked')) linked.set(keyOf(use), use);
    }
  }
  return [...linked.values()].flatMap((use) => judgeUse(subject, use) ?? []);
}

function judgeUse(subject: TrialSubject, use: PackageUse): Finding | undefined {
  const { facts } = subject;
  const { category, name, slot } = use.package;
  const places = atomsFor(subject, use, LIBRARY_VARIABLES).filter(
    ({ atom }) => atom.category === category && atom.name === name,
  );
  const isAnswered = ({ atom }: PlacedAtom): boolean =>
    atom.slotOperator !== '' || atom.subslot !== undefined;
  if (places.some(isAnswered) || isInherited(subject, use, LIBRARY_VARIABLES)) return undefined;
  // PMS 8.3.3 allows no slot operator inside `|| ( )`.
  const written = new Map(
    places.filter((place) => !isAlternative(place)).map((place) => [place.range.start, place]),
  );
  const changes = [...written.values()].flatMap(({ range }) => {
    const text = changeAtomText(facts.text.slice(range.start, range.end), { slotOperator: '=' });
    const edits = text === undefined ? [] : replaceAtom(facts, range, text);
    return text === undefined || edits.length === 0 ? [] : [{ text, edits }];
  });
  const [place] = written.values();
  const [change] = changes;
  if (place === undefined || change === undefined) return undefined;
  const evidence = use.kinds.filter(({ kind }) => kind === 'linked').flatMap((seen) => seen.evidence);
  const user = evidence[0]?.program ?? 'What is installed';
  return {
    code: 'missing-slot-operator',
    severity: 'information',
    message: `${user} links ${nameOf(use)}, and no atom has a slot operator, so it is not rebuilt when subslot ${use.package.subslot} of slot ${slot} changes: write ${change.text}.`,
    range: place.range,
    evidence,
    fix: asFix(
      `Write ${change.text}`,
      changes.flatMap(({ edits }) => edits),
      false,
    ),
    about: namesFor(use),
    why: { owner: ownerOf(use), rule: RULES['missing-slot-operator'], trials: [] },
  };
}
