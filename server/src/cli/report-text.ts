import { createTwoFilesPatch } from 'diff';
import type { Colors } from 'picocolors/types';
import type { Finding } from '../audit/finding.ts';
import { phaseFunction } from '../audit/process-tree.ts';
import type { Evidence } from '../audit/record.ts';
import { applyEdits } from '../ebuild/edit.ts';
import { placeAt } from './line-index.ts';

/** How a finding reads: like a compiler's line, then who touched what in which phase, then the edit as a diff. */
export function formatFinding(file: string, text: string, finding: Finding, colors: Colors): string {
  const { line, column } = placeAt(text, finding.range.start);
  const paint = finding.severity === 'error' ? colors.red : colors.yellow;
  const lines = [
    `${colors.bold(`${file}:${line}:${column}:`)} ${colors.bold(paint(`${finding.severity}[${finding.code}]`))}: ${finding.message}`,
    ...finding.evidence.map((evidence) => `  ${formatEvidence(evidence)}`),
  ];
  if (finding.fix !== undefined) {
    lines.push(`  ${colors.bold('fix')}: ${finding.fix.title}`);
    lines.push(
      ...formatDiff(file, text, applyEdits(text, finding.fix.edits), colors).map((one) => `  ${one}`),
    );
  }
  return lines.join('\n');
}

const DEEDS: Record<Evidence['operation'], readonly [seen: string, denied: string]> = {
  execute: ['ran', 'tried to run'],
  read: ['read', 'tried to read'],
  'look-up': ['looked up', 'looked for'],
  link: ['links', 'links'],
};

/** `src_compile › emake › make › cc1 tried to read /usr/include/png.h, which was hidden (2 times)` */
export function formatEvidence(evidence: Evidence): string {
  const denied = evidence.result === 'denied';
  const names = evidence.chain.length > 0 ? evidence.chain : [evidence.program];
  const inPhase =
    names[0] === phaseFunction(evidence.phase) ? names : [phaseFunction(evidence.phase), ...names];
  const deed = DEEDS[evidence.operation][denied ? 1 : 0];
  const times = evidence.count > 1 ? ` (${evidence.count} times)` : '';
  return `${inPhase.join(' › ')} ${deed} ${evidence.path}${denied ? ', which was hidden' : ''}${times}`;
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
