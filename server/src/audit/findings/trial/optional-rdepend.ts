import { variableRange } from '../../../ebuild/anchor.ts';
import { addAtomUnder } from '../../../ebuild/edit/edit.ts';
import { declares, keyOf, nameOf, ownerOf, suggestedNames } from '../../declared-packages.ts';
import { asFix, type Finding } from '../../finding.ts';
import { toSentence } from '../../finding-sentence.ts';
import type { NamedPackage } from '../../record.ts';
import { RULES } from '../../rules.ts';
import type { TrialSubject } from '../../trial-subject.ts';
import { findNeed } from './undeclared-need.ts';

/**
 * `optional-rdepend`: an installed file names a package that RDEPEND does not bring, and says that it can do without it, or does not say
 * what it needs it for. Only a run or its author knows that.
 */
export function findOptionalRdepends(subject: TrialSubject): Finding[] {
  const found = new Map<string, NamedPackage>();
  for (const state of subject.states) {
    for (const named of state.named) {
      const isTold = found.has(keyOf(named)) || findNeed(subject, named, 'RDEPEND') !== undefined;
      if (named.licence !== undefined || isTold || declares(subject, state, named, ['RDEPEND'])) continue;
      found.set(keyOf(named), named);
    }
  }
  return [...found.values()].map((named) => explain(subject, named));
}

function explain({ facts }: TrialSubject, named: NamedPackage): Finding {
  const { atom, evidence, isOptional } = named;
  const program = evidence[0]?.program ?? 'An installed file';
  const hint = `optfeature "${named.named.purpose ?? 'WHAT IT IS FOR'}" ${atom}`;
  return {
    code: 'optional-rdepend',
    severity: 'hint',
    message: isOptional
      ? toSentence(`write ${hint} in pkg_postinst`, `${program} ${describe(named)}, and can do without it`)
      : toSentence(
          `try "ebuild-audit runtime", then add ${atom} to RDEPEND, or write ${hint} in pkg_postinst`,
          `${program} ${describe(named)}, and only a run shows whether that is needed`,
        ),
    range: variableRange(facts, 'RDEPEND'),
    evidence,
    fix: asFix(`Add ${atom} to RDEPEND`, addAtomUnder(facts, ['RDEPEND'], atom, [[]]), false),
    about: suggestedNames(named),
    why: { owner: ownerOf(named), rule: RULES['optional-rdepend'], trials: [] },
  };
}

function describe(named: NamedPackage): string {
  const { kind, wanted } = named.named;
  const verb = kind === 'command' ? 'runs' : kind === 'dlopen-note' ? 'loads' : 'names';
  return `${verb} ${wanted} of ${nameOf(named)}, which RDEPEND does not bring`;
}
