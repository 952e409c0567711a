import type { Finding } from '../../finding.ts';
import type { TrialSubject } from '../../trial-subject.ts';
import { findMissing } from './missing.ts';

/**
 * `missing-rdepend`: an installed file needs a package that RDEPEND does not bring. An ELF file links it (DT_NEEDED),
 * a script names its program as interpreter, or a .pc file requires one of its .pc files. RDEPEND lists packages that
 * must be installed to run (PMS 8.1).
 */
export function findMissingRdepend(subject: TrialSubject): Finding[] {
  return findMissing('missing-rdepend', 'RDEPEND', subject, (need, name) => {
    const evidence = need.evidence[0];
    const user = evidence?.program ?? 'An installed file';
    const path = evidence?.path ?? 'a library';
    return `${user} ${describeRelation(evidence?.operation, path)} of ${name}, which RDEPEND does not bring`;
  });
}

function describeRelation(operation: string | undefined, path: string): string {
  if (operation === 'execute') return `is run with ${path}`;
  return operation === 'link' || operation === undefined ? `links ${path}` : `needs ${path}`;
}
