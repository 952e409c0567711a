import type { EbuildFacts } from '../../ebuild/facts.ts';
import type { Finding } from '../finding.ts';
import type { TrialRecord } from '../record.ts';
import { findMissing } from './missing.ts';

/**
 * `missing-depend`: a header, library, pkg-config or cmake file of a package that the ebuild does not declare was needed.
 * PMS 8.1: DEPEND lists what must be there, for the host that the package will run on, while it is built.
 */
export function findMissingDepend(record: TrialRecord, facts: EbuildFacts): Finding[] {
  return findMissing('missing-depend', 'DEPEND', record, facts, (need, name, target) => {
    const path = need.evidence[0]?.path;
    const touched = path === undefined ? 'A file that the build needs' : path;
    const failed =
      need.certainty === 'proven' ? 'the build fails without it' : 'the build failed after looking for it';
    return `${touched} belongs to ${name}, which the ebuild does not declare; ${failed}. Perhaps you need to add ${need.atom} to ${target}.`;
  });
}
