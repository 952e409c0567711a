import type { Finding } from '../../finding.ts';
import type { TrialSubject } from '../../trial-subject.ts';
import { describeFailure, findMissing } from './missing.ts';
import { findLackingIn } from './other-variable.ts';
import { findNeed } from './undeclared-need.ts';

/**
 * `missing-bdepend`: the build ran a program, or loaded a build-time module, of a package that the ebuild does not
 * declare. BDEPEND lists packages that must be installed on the machine that builds (PMS 8.1).
 */
export function findMissingBdepend(subject: TrialSubject): Finding[] {
  const needed = findMissing('missing-bdepend', 'BDEPEND', subject, (need, name) => {
    const seen = need.evidence.filter(({ result }) => result === 'seen');
    const evidence =
      need.evidence[0]?.result === 'seen'
        ? (seen.find(({ operation }) => operation === 'execute') ?? seen[0])
        : need.evidence[0];
    const touched = `${evidence?.path ?? 'a program'} of ${name}`;
    // A package that is also needed to build against was revealed for that reason.
    const isShown = findNeed(subject, need, 'DEPEND')?.evidence[0]?.result === 'denied';
    if (evidence?.result !== 'seen') return describeFailure(need, touched);
    const deed = evidence.operation === 'execute' ? 'runs' : 'loads';
    return `the build ${deed} ${touched}${isShown ? '' : ', which is visible only because the package manager needs it'}`;
  });
  return [...needed, ...findLackingIn('missing-bdepend', 'BDEPEND', subject)];
}
