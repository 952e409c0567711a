import { nameOf } from '../../../pms/package-name.ts';
import { asFix, type Finding } from '../../finding.ts';
import { toSentence } from '../../finding-sentence.ts';
import { certainAtoms, rangeWithin, type TextSubject } from '../../subject.ts';

/**
 * `package-moved`: an atom or a blocker uses the name that a package had before it was moved (profiles/updates, PMS
 * 4.4.4), and no package has that name now.
 */
export function findMovedPackages(subject: TextSubject): Finding[] {
  const { knowledge } = subject;
  if (knowledge === undefined || knowledge.incomplete !== undefined) return [];
  return certainAtoms(subject).flatMap(({ atom: { category, name, blocker }, range }) => {
    const target = knowledge.movedTo(category, name);
    if (target === undefined || knowledge.offered(category, name).some(({ repository }) => repository !== ''))
      return [];
    const before = nameOf({ category, name });
    const after = nameOf(target);
    const { found, start, end } = rangeWithin(subject, range, before);
    return [
      {
        code: 'package-moved',
        severity: blocker === '' ? 'error' : 'warning',
        message: toSentence(`write ${after}`, `${before} was moved there`),
        range: { start, end },
        evidence: [],
        fix: asFix(`Rename to ${after}`, found ? [{ start, end, newText: after }] : []),
        about: [before],
      },
    ];
  });
}
