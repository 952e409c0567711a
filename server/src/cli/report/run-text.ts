import type { Colors } from 'picocolors/types';
import { describeEvidence } from '../../audit/evidence-sentence.ts';
import type { Finding } from '../../audit/finding.ts';
import type { TrialRecord } from '../../audit/record.ts';
import { showLine } from '../../errors/visible-text.ts';
import { readLines } from '../../host/output-text.ts';
import type { RuntimePackage } from '../../trial/runtime/runtime-request.ts';
import { formatFinding } from './finding-text.ts';
import type { CommandRun } from './report.ts';

/** The number of lines of the command's output that are repeated. */
const LINES_REPEATED = 20;

/** Formats, for people, the packages that a command needed and lacked. */
export function formatRun({ file, text, outcome, findings }: CommandRun, colors: Colors): string {
  const { record, status, doneWithout, loaded, output } = outcome;
  const style = { colors, why: false, shown: new Set<string>() };
  const lines = findings.map((finding) => `${formatFinding(file, text, finding, style)}\n`);
  for (const looked of doneWithout)
    lines.push(
      `The command looked for ${showLine(looked.atom)}, which RDEPEND does not bring, and does not need it:`,
      ...formatEvidence(looked),
    );
  for (const looked of loaded) lines.push(`${showLine(describeLoaded(looked))}:`, ...formatEvidence(looked));
  if (record.outcome === 'failed') {
    const written = readLines(output).filter((line) => line !== '');
    lines.push(...written.slice(-LINES_REPEATED).map((line) => `  | ${showLine(line)}`));
  }
  lines.push(`${showLine(file)}: ${conclude(record, status, findings)}`);
  if (record.gaps.length > 0) lines.push(`Not observed: ${showLine(record.gaps.join('; '))}.`);
  lines.push(`Log of the builds and runs: ${showLine(record.log)}`);
  return lines.join('\n');
}

function formatEvidence({ evidence }: RuntimePackage): string[] {
  return evidence.map((access) => `  ${showLine(describeEvidence(access))}`);
}

/** A library that is loaded by name leaves no trace in the image, so only RDEPEND shows the dependency. */
function describeLoaded({ atom, licence }: RuntimePackage): string {
  return licence === 'declared'
    ? `${atom}, which RDEPEND declares, is loaded by name`
    : `${atom} is loaded by name and visible only through another package`;
}

function conclude(record: TrialRecord, status: number, findings: readonly Finding[]): string {
  const ended = `The command ended with ${status}`;
  if (record.outcome === 'failed')
    return `${ended}, also with every package that it looked for visible: see its output above.`;
  if (findings.length === 0)
    return status === 0
      ? 'RDEPEND and @system bring everything that the command needs.'
      : `${ended} with the RDEPEND that was built; the text now declares what it lacked.`;
  return `${ended}, and succeeds with ${findings.length === 1 ? 'the missing package' : 'all missing packages'} visible.`;
}
