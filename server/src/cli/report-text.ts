import { createTwoFilesPatch } from 'diff';
import type { Colors } from 'picocolors/types';
import { describeEvidence } from '../audit/evidence-sentence.ts';
import type { Finding } from '../audit/finding.ts';
import { applyEdits } from '../ebuild/text-edit.ts';
import { stripEscapes } from '../trial/build/build-log.ts';
import { placeAt } from './line-index.ts';
import { printable } from './printable.ts';

/**
 * How a finding reads: like a compiler's line, then who touched what in which phase, then the edit as a diff.
 *
 * @param shown the edits whose diff has been printed; those of this finding are added
 */
export function formatFinding(
  file: string,
  text: string,
  finding: Finding,
  colors: Colors,
  shown: Set<string> = new Set(),
): string {
  const { line, column } = placeAt(text, finding.range.start);
  const paint = finding.severity === 'error' ? colors.red : colors.yellow;
  const lines = [
    `${colors.bold(`${printable(file)}:${line}:${column}:`)} ${colors.bold(paint(`${finding.severity}[${finding.code}]`))}: ${printable(finding.message)}`,
    ...finding.evidence.map((evidence) => `  ${printable(describeEvidence(evidence))}`),
  ];
  if (finding.fix !== undefined) {
    const after = applyEdits(text, finding.fix.edits);
    const title = `  ${colors.bold('fix')}: ${printable(finding.fix.title)}`;
    // Two findings are often mended by one edit; a reader who sees it twice would look for the difference.
    if (shown.has(after)) lines.push(`${title} (the edit above)`);
    else lines.push(title, ...formatDiff(file, text, after, colors).map((one) => `  ${one}`));
    shown.add(after);
  }
  return lines.join('\n');
}

/** A unified diff without the lines that only repeat the file's name. */
export function formatDiff(file: string, before: string, after: string, colors: Colors): string[] {
  const name = file.replace(/^\/+/, '');
  const patch = createTwoFilesPatch(`a/${name}`, `b/${name}`, before, after, undefined, undefined, {
    context: 2,
  });
  return stripEscapes(patch)
    .split('\n')
    .filter((line) => !line.startsWith('====') && line !== '')
    .map((line) => {
      if (line.startsWith('+')) return colors.green(line);
      return line.startsWith('-') ? colors.red(line) : line;
    });
}
