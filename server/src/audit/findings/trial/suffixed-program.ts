import { nameOf, ownerOf, suggestedNames } from '../../declared-packages.ts';
import type { Finding } from '../../finding.ts';
import { toSentence } from '../../finding-sentence.ts';
import { RULES } from '../../rules.ts';
import type { TrialSubject } from '../../trial-subject.ts';
import { phaseRange } from './phase-range.ts';

/** `suffixed-program`: the build failed after it looked for a program that a declared package has under a name with a version. */
export function findSuffixedPrograms({ facts, states }: TrialSubject): Finding[] {
  const found = new Map<string, Finding>();
  for (const { suffixedPrograms = [], failure } of states) {
    for (const { wanted, path, package: owner } of suffixedPrograms) {
      const sought = { package: owner, atom: `${owner.category}/${owner.name}` };
      const program = path.slice(path.lastIndexOf('/') + 1);
      found.set(`${wanted} ${program}`, {
        code: 'suffixed-program',
        severity: 'hint',
        message: toSentence(
          `tell the build to run ${program}`,
          `it looked for ${wanted} in vain, and ${nameOf(sought)}, which is declared, has ${program}`,
        ),
        range: phaseRange(facts, failure?.phase ?? 'configure'),
        evidence: [],
        about: suggestedNames(sought),
        why: { owner: ownerOf(sought), rule: RULES['suffixed-program'], trials: [] },
      });
    }
  }
  return [...found.values()];
}
