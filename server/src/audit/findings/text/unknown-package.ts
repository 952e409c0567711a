import { nameOf } from '../../../pms/package-name.ts';
import { asFix, type Finding } from '../../finding.ts';
import { nearestNames } from '../../nearest-name.ts';
import {
  certainAtoms,
  isAlternative,
  isOwnPackage,
  type PlacedAtom,
  rangeWithin,
  type TextSubject,
} from '../../subject.ts';

/**
 * `unknown-package`: an atom names a package that no known repository offers and that is not installed. Blockers are
 * not checked, because they may name removed packages. For one of several alternatives it is a warning: another may
 * be satisfied.
 */
export function findUnknownPackages(subject: TextSubject): Finding[] {
  const { knowledge } = subject;
  if (knowledge === undefined || knowledge.incomplete !== undefined) return [];
  const unknown = certainAtoms(subject).filter(({ atom }) => {
    const { category, name, blocker } = atom;
    if (blocker !== '' || isOwnPackage(subject, atom)) return false;
    return knowledge.offered(category, name).length === 0 && knowledge.movedTo(category, name) === undefined;
  });
  const near = nearestNames(
    unknown.map(({ atom }) => nameOf(atom)),
    () => knowledge.packageNames(),
  );
  return unknown.map((placed) => explain(subject, placed, near.get(nameOf(placed.atom))));
}

function explain(subject: TextSubject, placed: PlacedAtom, near: string | undefined): Finding {
  const written = nameOf(placed.atom);
  const { found, start, end } = rangeWithin(subject, placed.range, written);
  const fix = near === undefined ? 'correct the name, or add the package' : `perhaps you mean ${near}`;
  return {
    code: 'unknown-package',
    severity: isAlternative(placed) ? 'warning' : 'error',
    message: `No repository has the package ${written}: ${fix}.`,
    range: { start, end },
    evidence: [],
    fix: asFix(
      `Change to ${near}`,
      found && near !== undefined ? [{ start, end, newText: near }] : [],
      false,
    ),
    about: [written],
  };
}
