import type { Finding } from '../../finding.ts';
import { certainAtoms, rangeWithin, type Subject } from '../../subject.ts';

/**
 * `package-moved`: an atom, of a blocker too, names a package by the name that it had before it was moved (profiles/updates,
 * PMS 4.4.4), and no package has that name any more.
 */
export function findMovedPackages(subject: Subject): Finding[] {
  const { knowledge } = subject;
  if (knowledge === undefined || knowledge.incomplete !== undefined) return [];
  return certainAtoms(subject).flatMap(({ atom: { category, name, blocker }, range }) => {
    const target = knowledge.movedTo(category, name);
    if (target === undefined || knowledge.offered(category, name).some(({ repository }) => repository !== ''))
      return [];
    const before = `${category}/${name}`;
    const after = `${target.category}/${target.name}`;
    const { found, start, end } = rangeWithin(subject, range, before);
    return [
      {
        code: 'package-moved',
        severity: blocker === '' ? 'error' : 'warning',
        message: `${before} has been moved to ${after}: write the new name.`,
        range: { start, end },
        evidence: [],
        ...(found ? { fix: { title: `Rename to ${after}`, edits: [{ start, end, newText: after }] } } : {}),
      },
    ];
  });
}
