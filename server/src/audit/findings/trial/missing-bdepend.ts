import type { Finding } from '../../finding.ts';
import type { TrialSubject } from '../../trial-subject.ts';
import { findMissing } from './missing.ts';
import { findLackingIn } from './other-variable.ts';
import { findNeed } from './undeclared-need.ts';

/**
 * `missing-bdepend`: the build ran a program, or loaded a build-time module, of a package that the ebuild does not
 * declare. BDEPEND lists packages that must be installed on the machine that builds (PMS 8.1).
 */
export function findMissingBdepend(subject: TrialSubject): Finding[] {
  const needed = findMissing('missing-bdepend', 'BDEPEND', subject, (need, name) => {
    const evidence = need.evidence[0];
    const touched = evidence?.path ?? 'A program that the build runs';
    // A package that is also needed to build against was revealed for that reason.
    const isShown = findNeed(subject, need, 'DEPEND')?.evidence[0]?.result === 'denied';
    const why =
      evidence?.result === 'seen'
        ? `the build runs it${isShown ? '' : ', and it is visible only because the package manager needs it'}`
        : need.certainty === 'proven'
          ? 'the build fails without it and passes with it'
          : 'the build failed after it looked for it';
    return `${touched} belongs to ${name}, which the ebuild does not declare; ${why}`;
  });
  return [...needed, ...findLackingIn('missing-bdepend', 'BDEPEND', subject)];
}
