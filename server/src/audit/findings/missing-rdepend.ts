import type { EbuildFacts } from '../../ebuild/facts.ts';
import type { Finding } from '../finding.ts';
import type { TrialRecord } from '../record.ts';
import { findMissing } from './missing.ts';

/**
 * `missing-rdepend`: what was installed cannot run without a package that RDEPEND does not bring: an ELF file links it
 * (DT_NEEDED) or a script names its program as interpreter. PMS 8.1: RDEPEND lists what must be there to run.
 */
export function findMissingRdepend(record: TrialRecord, facts: EbuildFacts): Finding[] {
  return findMissing('missing-rdepend', 'RDEPEND', record, facts, (need, name, target) => {
    const evidence = need.evidence[0];
    const user = evidence?.program ?? 'An installed file';
    const verb = evidence?.operation === 'execute' ? 'is run by' : 'is linked to';
    const path = evidence?.path ?? 'a library';
    return `${user} ${verb} ${path} of ${name}, which the ebuild does not declare to be needed at run time. Perhaps you need to add ${need.atom} to ${target}.`;
  });
}
