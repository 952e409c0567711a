import type { Finding } from '../../finding.ts';
import type { TrialSubject } from '../../trial-subject.ts';
import { findMissing } from './missing.ts';
import { findLackingIn } from './other-variable.ts';

/**
 * `missing-depend`: the build needed a header, library, pkg-config or CMake file of a package that the ebuild does
 * not declare. DEPEND lists packages that must be installed for the machine that the package will run on (PMS 8.1).
 */
export function findMissingDepend(subject: TrialSubject): Finding[] {
  const needed = findMissing('missing-depend', 'DEPEND', subject, (need, name) => {
    const touched = need.evidence[0]?.path ?? 'A file that the build needs';
    const failed =
      need.evidence[0]?.result === 'seen'
        ? 'the build asks for it itself, and nothing that is declared brings it'
        : need.certainty === 'proven'
          ? 'the build fails without it and passes with it'
          : 'the build failed after it looked for it';
    return `${touched} belongs to ${name}, which the ebuild does not declare; ${failed}`;
  });
  return [...needed, ...findLackingIn('missing-depend', 'DEPEND', subject)];
}
