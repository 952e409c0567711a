import type { Finding } from '../../finding.ts';
import type { TrialSubject } from '../../trial-subject.ts';
import { findMissing } from './missing.ts';
import { findNeed } from './undeclared-need.ts';

/**
 * `missing-bdepend`: a program or build-time module of a package that the ebuild does not declare was run or loaded.
 * PMS 8.1: BDEPEND lists what must be there, for the machine that builds, while the package is built.
 */
export function findMissingBdepend(subject: TrialSubject): Finding[] {
  return findMissing('missing-bdepend', 'BDEPEND', subject, (need, name) => {
    const evidence = need.evidence[0];
    const touched = evidence?.path ?? 'A program that the build runs';
    // What is needed to build against has been shown by then.
    const isShown = findNeed(subject, need, 'DEPEND')?.evidence[0]?.result === 'denied';
    const why =
      evidence?.result === 'seen'
        ? `the build runs it${isShown ? '' : ', and it is visible only because the package manager needs it'}`
        : need.certainty === 'proven'
          ? 'the build fails without it and passes with it'
          : 'the build failed after it looked for it';
    return `${touched} belongs to ${name}, which the ebuild does not declare; ${why}`;
  });
}
