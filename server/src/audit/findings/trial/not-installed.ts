import { variableRange } from '../../../ebuild/anchor.ts';
import { printAtom } from '../../../pms/atom.ts';
import type { Finding } from '../../finding.ts';
import type { TrialSubject } from '../../trial-subject.ts';

/**
 * `not-installed`: an atom that is declared and active is satisfied by no installed package, so that no trial can say
 * anything about the ebuild until it is installed.
 */
export function findNotInstalled({ facts, states, atoms, record }: TrialSubject): Finding[] {
  const findings = new Map<string, Finding>();
  for (const { variable, atom } of states.flatMap(({ notInstalled }) => notInstalled)) {
    const place = atoms.find((one) => one.variable === variable && printAtom(one.atom) === atom);
    const fromEclass = record.inherited[variable].includes(atom);
    // An atom that has since been removed from the text asks for nothing any more.
    if (findings.has(`${variable} ${atom}`) || (place === undefined && !fromEclass)) continue;
    findings.set(`${variable} ${atom}`, {
      code: 'not-installed',
      severity: 'warning',
      message: `${variable} asks for ${atom}, and no installed package satisfies it: install it with "emerge --oneshot '${atom}'" and run the trial again.`,
      range: place?.range ?? variableRange(facts, variable),
      evidence: [],
    });
  }
  return [...findings.values()];
}
