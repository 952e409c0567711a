import { variableRange } from '../../ebuild/anchor.ts';
import { declaredAtoms } from '../../ebuild/declared.ts';
import type { EbuildFacts } from '../../ebuild/facts.ts';
import { printAtom } from '../../pms/atom.ts';
import type { Finding } from '../finding.ts';
import type { TrialRecord } from '../record.ts';

/**
 * `not-installed`: an atom that is declared and active is satisfied by no installed package, so that no trial can say
 * anything about the ebuild until it is installed.
 */
export function findNotInstalled(record: TrialRecord, facts: EbuildFacts): Finding[] {
  const findings: Finding[] = [];
  for (const { variable, atom } of record.notInstalled) {
    const place = declaredAtoms(facts, variable).find((declared) => printAtom(declared.atom) === atom);
    const fromEclass = record.inherited[variable].includes(atom);
    // An atom that has since been removed from the text asks for nothing any more.
    if (place === undefined && !fromEclass) continue;
    findings.push({
      code: 'not-installed',
      severity: 'warning',
      message: `${variable} asks for ${atom}, and no installed package satisfies it: install it with "emerge --oneshot '${atom}'" and run the trial again.`,
      range: place?.range ?? variableRange(facts, variable),
      evidence: [],
    });
  }
  return findings;
}
