import type { DependencyVariable } from '../pms/dependency-variable.ts';
import type { TextRange } from '../pms/text-range.ts';
import type { Assignment, EbuildFacts } from './ebuild-facts.ts';
import { lineOf } from './line-scan.ts';

/** For a variable that the file does not set, the variables next to it in most ebuilds, the nearest first. */
const NEAREST: Readonly<Record<DependencyVariable, readonly DependencyVariable[]>> = {
  DEPEND: ['RDEPEND', 'BDEPEND', 'PDEPEND', 'IDEPEND'],
  BDEPEND: ['DEPEND', 'RDEPEND', 'PDEPEND', 'IDEPEND'],
  RDEPEND: ['DEPEND', 'BDEPEND', 'PDEPEND', 'IDEPEND'],
  PDEPEND: ['RDEPEND', 'DEPEND', 'BDEPEND', 'IDEPEND'],
  IDEPEND: ['BDEPEND', 'RDEPEND', 'DEPEND', 'PDEPEND'],
};

/**
 * The range that a finding about a dependency variable underlines: from its name to the end of its first line. If the file
 * does not set it: the first line of the nearest dependency variable, else the `EAPI=` line, else line 1.
 */
export function variableRange(facts: EbuildFacts, variable: DependencyVariable): TextRange {
  for (const name of [variable, ...NEAREST[variable]]) {
    const assignment = find(facts, name);
    if (assignment !== undefined) {
      const line = lineOf(facts.text, assignment.start);
      return { start: assignment.start, end: Math.max(line.end, assignment.start) };
    }
  }
  return facts.eapiRange ?? lineOf(facts.text, 0);
}

function find(facts: EbuildFacts, name: string): Assignment | undefined {
  const candidates = facts.assignments.filter((assignment) => assignment.name === name);
  return (
    candidates.find((assignment) => assignment.context === 'global') ??
    candidates.find((assignment) => assignment.context === 'conditional')
  );
}
