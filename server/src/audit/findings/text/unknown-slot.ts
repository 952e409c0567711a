import { nameOf } from '../../../pms/package-name.ts';
import type { Finding } from '../../finding.ts';
import { toSentence } from '../../finding-sentence.ts';
import {
  certainAtoms,
  isAlternative,
  isOwnPackage,
  offeredPackages,
  rangeWithin,
  type TextSubject,
} from '../../subject.ts';

/** `unknown-slot`: packages of this name exist, but none has the slot and subslot of the atom. */
export function findUnknownSlots(subject: TextSubject): Finding[] {
  const { knowledge } = subject;
  if (knowledge === undefined || knowledge.incomplete !== undefined) return [];
  return certainAtoms(subject).flatMap((placed) => {
    const { atom, range } = placed;
    const { category, name, slot, subslot } = atom;
    if (atom.blocker !== '' || slot === undefined || isOwnPackage(subject, atom)) return [];
    const offered = offeredPackages(knowledge, atom);
    if (offered.length === 0) return [];
    const isThere = offered.some(
      (candidate) =>
        candidate.slot === undefined ||
        (candidate.slot === slot && (subslot === undefined || candidate.subslot === subslot)),
    );
    if (isThere) return [];
    const slots = [
      ...new Set(
        offered.map((candidate) =>
          subslot === undefined ? candidate.slot : `${candidate.slot}/${candidate.subslot}`,
        ),
      ),
    ];
    const written = subslot === undefined ? `:${slot}` : `:${slot}/${subslot}`;
    const { start, end } = rangeWithin(subject, range, written);
    return [
      {
        code: 'unknown-slot',
        severity: isAlternative(placed) ? 'warning' : 'error',
        message: toSentence(
          `use ${slots.length === 1 ? 'slot' : 'one of the slots'} ${slots.sort().join(', ')}`,
          `no ebuild of ${category}/${name} has slot ${written.slice(1)}`,
        ),
        range: { start, end },
        evidence: [],
        about: [nameOf(atom)],
      },
    ];
  });
}
