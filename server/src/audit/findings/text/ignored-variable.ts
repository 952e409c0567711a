import { moveVariable } from '../../../ebuild/edit/move-variable.ts';
import { isReferredTo } from '../../../ebuild/edit/reference.ts';
import { variableInEapi } from '../../../pms/dependency-variable.ts';
import { asFix, type Finding } from '../../finding.ts';
import { toSentence } from '../../finding-sentence.ts';
import type { TextSubject } from '../../subject.ts';

/** The EAPI that introduced each variable (PMS 8.1). */
const SINCE = { BDEPEND: 7, IDEPEND: 8 } as const;

/**
 * `ignored-variable`: BDEPEND or IDEPEND is set in an EAPI that does not have it, so the package manager ignores it. A variable that another
 * one refers to is left alone, and so is one that is set in a branch, which may ask for the EAPI.
 */
export function findIgnoredVariables({ facts, dependencies }: TextSubject): Finding[] {
  return (['BDEPEND', 'IDEPEND'] as const).flatMap((variable) => {
    const instead = variableInEapi(variable, facts.eapi);
    const declared = dependencies.find((dependency) => dependency.variable === variable);
    const [first] = declared?.assignments.filter(({ context }) => context === 'global') ?? [];
    if (instead === variable || first === undefined || declared?.nodes.length === 0) return [];
    if (isReferredTo(facts, variable)) return [];
    return [
      {
        code: 'ignored-variable',
        severity: 'error',
        message: toSentence(
          `move the atoms to ${instead}, or use EAPI ${SINCE[variable]} or later`,
          `EAPI ${facts.eapi} has no ${variable}, so the package manager ignores it`,
        ),
        range: first.nameRange,
        evidence: [],
        fix: asFix(`Move the atoms of ${variable} to ${instead}`, moveVariable(facts, variable, instead)),
        about: [],
      },
    ];
  });
}
