import type { Finding } from '../../finding.ts';
import type { TrialSubject } from '../../trial-subject.ts';
import { describeFailure, findMissing } from './missing.ts';
import { findLackingIn } from './other-variable.ts';

/**
 * `missing-depend`: the build needed a header, library, pkg-config or CMake file of a package that the ebuild does
 * not declare. DEPEND lists packages that must be installed for the machine that the package will run on (PMS 8.1).
 */
export function findMissingDepend(subject: TrialSubject): Finding[] {
  const needed = findMissing('missing-depend', 'DEPEND', subject, (need, name) => {
    const [evidence] = need.evidence;
    const touched = `${evidence?.path ?? 'a file'} of ${name}`;
    if (evidence?.result === 'seen')
      return `the build asks for ${touched} itself, and nothing that is declared brings it`;
    return describeFailure(need, touched);
  });
  return [...needed, ...findLackingIn('missing-depend', 'DEPEND', subject)];
}
