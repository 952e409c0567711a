import { showLine } from '../errors/visible-text.ts';
import type { Check } from './check.ts';

/** A check with every character visible: paths and names of repositories come from the machine. */
export function showCheck({ name, state, found, remedy }: Check): Check {
  return {
    name,
    state,
    found: showLine(found),
    ...(remedy === undefined ? {} : { remedy: showLine(remedy) }),
  };
}

export function countProblems(checks: readonly Check[]): number {
  return checks.filter(({ state }) => state === 'problem').length;
}

/** The checks for a reader, one a line with its remedy below, and a last line that sums them up. */
export function printChecks(checks: readonly Check[]): readonly string[] {
  const width = Math.max(...checks.map(({ name }) => name.length));
  const lines = checks
    .map(showCheck)
    .flatMap(({ name, state, found, remedy }) => [
      `${state.padEnd('warning'.length)}  ${name.padEnd(width)}  ${found}`,
      ...(remedy === undefined ? [] : [`${' '.repeat('warning'.length + width + 4)}→ ${remedy}`]),
    ]);
  return [...lines, '', summarize(checks)];
}

function summarize(checks: readonly Check[]): string {
  const problems = countProblems(checks);
  const warnings = checks.filter(({ state }) => state === 'warning').length;
  const count = (number: number, word: string): string => (number === 1 ? `1 ${word}` : `${number} ${word}s`);
  const told = [
    ...(problems === 0 ? [] : [count(problems, 'problem')]),
    ...(warnings === 0 ? [] : [count(warnings, 'warning')]),
  ].join(' and ');
  if (problems > 0) return `${told}: trials cannot run until the problems are mended.`;
  return told === '' ? 'Everything that trials need is there.' : `${told}: trials can run.`;
}

/** The checks as a Markdown document that can be pasted into a report. In the code block, no name from the machine makes markup. */
export function documentChecks(checks: readonly Check[]): string {
  const lines = printChecks(checks).map((line) => (line === '' ? '' : `    ${line}`));
  return ['# Ebuild Audit doctor', '', ...lines, ''].join('\n');
}
