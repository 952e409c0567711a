import type { Colors } from 'picocolors/types';
import type { Verdict } from '../audit/finding.ts';
import type { TrialRecord } from '../audit/record.ts';
import type { RuntimeOutcome } from '../trial/runtime/runtime-request.ts';
import type { RunInstalled } from '../trial/runtime/runtime-runner.ts';
import { CLEAN, COULD_NOT_RUN, FINDINGS, hasFault } from './exit-status.ts';
import type { NamedFile } from './file-trial.ts';
import { createProgressBoard, type ProgressOutput } from './progress-line.ts';
import { openReport, type ReportForm } from './report/report-forms.ts';

export interface RuntimeCommandOptions {
  readonly named: NamedFile;
  readonly command: readonly string[];
  /** Absolute. */
  readonly shown: readonly string[];
  readonly format: ReportForm;
}

export interface RuntimeCommandWorld {
  readonly run: RunInstalled;
  judge(record: TrialRecord, text: string, path: string): Verdict;
  readFile(path: string): Promise<string>;
  print(text: string): void;
  readonly progress: ProgressOutput;
  readonly colors: Colors;
}

/**
 * Runs a command with what an ebuild installs and reports the packages that it lacked; see `runInstalled`.
 *
 * @returns the exit code: `CLEAN` if the command succeeds with the declared RDEPEND, `FINDINGS` if a package is
 *   missing, `COULD_NOT_RUN` if it fails and no package explains it
 * @throws the errors of `runInstalled` and `readFile`
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
  // Other findings need the builds of a trial, which were not made here.
  const findings = world
    .judge(outcome.record, text, named.path)
    .findings.filter(({ code }) => code === 'missing-rdepend' || code === 'not-installed');
  openReport(format, world).ran({ file: named.file, text, command, outcome, findings });
  if (hasFault(findings)) return FINDINGS;
  return outcome.record.outcome === 'passed' ? CLEAN : COULD_NOT_RUN;
}
