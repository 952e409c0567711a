import { createTwoFilesPatch } from 'diff';
import type { Colors } from 'picocolors/types';
import { describeEvidence } from '../audit/evidence-sentence.ts';
import type { Finding } from '../audit/finding.ts';
import { applyEdits } from '../ebuild/edit.ts';
import { placeAt } from './line-index.ts';

/** How a finding reads: like a compiler's line, then who touched what in which phase, then the edit as a diff. */
export function formatFinding(file: string, text: string, finding: Finding, colors: Colors): string {
  const { line, column } = placeAt(text, finding.range.start);
  const paint = finding.severity === 'error' ? colors.red : colors.yellow;
  const lines = [
    `${colors.bold(`${file}:${line}:${column}:`)} ${colors.bold(paint(`${finding.severity}[${finding.code}]`))}: ${finding.message}`,
    ...finding.evidence.map((evidence) => `  ${describeEvidence(evidence)}`),
  ];
  if (finding.fix !== undefined) {
    lines.push(`  ${colors.bold('fix')}: ${finding.fix.title}`);
    lines.push(
      ...formatDiff(file, text, applyEdits(text, finding.fix.edits), colors).map((one) => `  ${one}`),
    );
  }
  return lines.join('\n');
}

/** A unified diff without the lines that only repeat the file's name. */
export function formatDiff(file: string, before: string, after: string, colors: Colors): string[] {
  return createTwoFilesPatch(`a/${file}`, `b/${file}`, before, after, undefined, undefined, { context: 2 })
    .split('\n')
    .filter((line) => !line.startsWith('====') && line !== '')
    .map((line) => {
      if (line.startsWith('+')) return colors.green(line);
      return line.startsWith('-') ? colors.red(line) : line;
    });
}
