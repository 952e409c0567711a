import type { Colors } from 'picocolors/types';
import { describeEvidence } from '../audit/evidence-sentence.ts';
import type { Finding, Verdict } from '../audit/finding.ts';
import type { TrialRecord } from '../audit/record.ts';
import { readLines } from '../host/output-text.ts';
import type { RuntimeOutcome, RuntimePackage } from '../trial/runtime/runtime-request.ts';
import type { RunInstalled } from '../trial/runtime/runtime-runner.ts';
import { CLEAN, COULD_NOT_RUN, FINDINGS, hasFault } from './exit-status.ts';
import type { NamedFile } from './file-trial.ts';
import { printable } from './printable.ts';
import { createProgressBoard, type ProgressOutput } from './progress-line.ts';
import { describeFinding, formatJson } from './report-json.ts';
import { formatFinding } from './report-text.ts';

export interface RuntimeCommandOptions {
  readonly named: NamedFile;
  readonly command: readonly string[];
  /** Absolute. */
  readonly shown: readonly string[];
  readonly format: 'text' | 'json';
}

export interface RuntimeCommandWorld {
  readonly run: RunInstalled;
  judge(record: TrialRecord, text: string, path: string): Verdict;
  readFile(path: string): Promise<string>;
  print(text: string): void;
  readonly progress: ProgressOutput;
  readonly colors: Colors;
}

/** As much of what a command has written is repeated, in lines. */
const LINES_TOLD = 20;

/**
 * Runs a command with what an ebuild installs and reports what it lacked; see `runInstalled`.
 *
 * @returns the exit code: `CLEAN` when the command ends well in the view of what RDEPEND declares, `FINDINGS` when something is missing,
 *   `COULD_NOT_RUN` when it fails and no package explains it
 * @throws what `runInstalled` and `readFile` throw
 */
export async function runRuntimeCommand(
  { named, command, shown, format }: RuntimeCommandOptions,
  world: RuntimeCommandWorld,
  signal?: AbortSignal,
): Promise<number> {
  const text = await world.readFile(named.path);
  const line = createProgressBoard(world.progress).open('runtime');
  let outcome: RuntimeOutcome;
  try {
    outcome = await world.run(
      { file: named.path, text, command, shown },
      (progress) => line.show(progress),
      signal,
    );
  } finally {
    line.end();
  }
  // Building and comparing is the trial's business: what else the text lacks is not known here.
  const findings = world
    .judge(outcome.record, text, named.path)
    .findings.filter(({ code }) => code === 'missing-rdepend' || code === 'not-installed');
  world.print(
    format === 'json'
      ? formatJson(describeOutcome(named.file, text, command, outcome, findings))
      : formatOutcome(named.file, text, outcome, findings, world.colors),
  );
  if (hasFault(findings)) return FINDINGS;
  return outcome.record.outcome === 'passed' ? CLEAN : COULD_NOT_RUN;
}

/** The form of `--format json`, described in docs/runtime.md; `format` is raised when a key changes its meaning. */
function describeOutcome(
  file: string,
  text: string,
  command: readonly string[],
  { record, status, doneWithout, loaded, output }: RuntimeOutcome,
  findings: readonly Finding[],
) {
  const describe = ({ package: one, atom, licence, evidence }: RuntimePackage) => ({
    package: `${one.category}/${one.name}-${one.version}`,
    atom,
    licence,
    evidence,
  });
  return {
    format: 1,
    file,
    package: `${record.category}/${record.packageAndVersion}`,
    command,
    status,
    outcome: record.outcome,
    findings: findings.map((finding) => describeFinding(text, finding)),
    doneWithout: doneWithout.map(describe),
    loaded: loaded.map(describe),
    gaps: record.gaps,
    output,
    log: record.log,
  };
}

function formatOutcome(
  file: string,
  text: string,
  { record, status, doneWithout, loaded, output }: RuntimeOutcome,
  findings: readonly Finding[],
  colors: Colors,
): string {
  const style = { colors, why: false, shown: new Set<string>() };
  const lines = findings.map((finding) => `${formatFinding(file, text, finding, style)}\n`);
  for (const one of doneWithout)
    lines.push(
      `The command looked for ${one.atom}, which RDEPEND does not bring, and did without it:`,
      ...formatEvidence(one),
    );
  for (const one of loaded) lines.push(`${describeLoaded(one)}:`, ...formatEvidence(one));
  if (record.outcome === 'failed') {
    const written = readLines(output).filter((line) => line !== '');
    lines.push(...written.slice(-LINES_TOLD).map((line) => `  | ${line}`));
  }
  lines.push(`${printable(file)}: ${conclude(record, status, findings)}`);
  if (record.gaps.length > 0) lines.push(`What could not be watched: ${printable(record.gaps.join('; '))}.`);
  lines.push(`All that was built and run is in the log ${record.log}`);
  return lines.join('\n');
}

function formatEvidence({ evidence }: RuntimePackage): string[] {
  return evidence.map((one) => `  ${printable(describeEvidence(one))}`);
}

/** A library that is loaded by name leaves no trace in the image, so that RDEPEND is the only place that tells of it. */
function describeLoaded({ atom, licence }: RuntimePackage): string {
  return licence === 'declared'
    ? `${atom}, which RDEPEND declares, is loaded by name`
    : `${atom}, which is there only through another package, is loaded by name`;
}

function conclude(record: TrialRecord, status: number, findings: readonly Finding[]): string {
  const ended = `The command ended with ${status}`;
  if (record.outcome === 'failed')
    return `${ended}, and showing what it looked for does not help: mend the command, or see what it says above.`;
  if (findings.length === 0)
    return status === 0
      ? 'The command needs nothing that RDEPEND and @system do not bring.'
      : `${ended} as long as RDEPEND was read as it was built; what it lacked is declared by now.`;
  return `${ended}, and ends well with ${findings.length === 1 ? 'what is missing' : 'all that is missing'} shown.`;
}
