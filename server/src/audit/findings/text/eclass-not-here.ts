import { asFix, type Finding } from '../../finding.ts';
import { nearestWords } from '../../nearest-name.ts';
import type { TextSubject } from '../../subject.ts';

/**
 * `eclass-not-here`: `inherit` names an eclass that no repository has that is here, and one is missing: the root is a practice root, or a
 * master of the repository is not on this machine. The ebuild may be right, and it cannot be tried. Where everything is known, the finding is
 * `unknown-eclass`.
 */
export function findEclassesNotHere({ facts, knowledge }: TextSubject): Finding[] {
  const limit = knowledge?.incomplete;
  // While the repositories are still being read, the reason may go by itself.
  if (knowledge === undefined || (limit?.kind !== 'practice-root' && limit?.kind !== 'master')) return [];
  const absent = facts.inherits.filter(
    ({ name, context }) => context !== 'function' && knowledge.eclass(name) === undefined,
  );
  const near = nearestWords(
    absent.map(({ name }) => name),
    () => knowledge.eclassNames(),
  );
  const [remedy, where] =
    limit.kind === 'practice-root'
      ? ['Set ebuildAudit.root or --root to a Gentoo system', 'the practice root has no']
      : [
          limit.remedy === undefined ? 'Add the missing master' : capitalize(limit.remedy),
          'the repositories on this machine have no',
        ];
  return absent.map(({ name, start, end }) => {
    const other = near.get(name);
    const guess = other === undefined ? '' : ` Perhaps you mean ${other}.`;
    return {
      code: 'eclass-not-here',
      severity: 'information',
      message: `${remedy}: ${where} ${name}.eclass, so the ebuild cannot be tried here.${guess}`,
      range: { start, end },
      evidence: [],
      fix: asFix(`Change to ${other}`, other === undefined ? [] : [{ start, end, newText: other }], false),
      about: [],
    };
  });
}

function capitalize(sentence: string): string {
  return sentence.charAt(0).toUpperCase() + sentence.slice(1);
}
