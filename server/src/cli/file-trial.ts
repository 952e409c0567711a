import type { Verdict } from '../audit/finding.ts';
import { fixAll } from '../audit/fix-all.ts';
import type { TrialRecord } from '../audit/record.ts';
import { UserError } from '../errors/user-error.ts';
import type { RequestedStates, TrialRequest, TrialRunner } from '../trial/trial.ts';
import { CLEAN, COULD_NOT_RUN, FINDINGS, hasFault } from './exit-status.ts';
import type { ProgressBoard } from './progress-line.ts';
import type { TrialReport, TrialResult } from './report/report.ts';

/** The options of the trials of each file. */
export interface FileTrialOptions {
  readonly fix: boolean;
  readonly verify: boolean;
  /** Whether to build even if the record of an earlier trial answers. */
  readonly fresh: boolean;
  /** See `TrialRequest`. */
  readonly quick: boolean;
  readonly tests: boolean;
  readonly states: RequestedStates;
}

/** One ebuild of the command line. */
export interface NamedFile {
  /** As the user wrote it; reports repeat it. */
  readonly file: string;
  /** Absolute. */
  readonly path: string;
}

export interface FileTrialWorld {
  readonly runner: TrialRunner;
  /** Judges a record against a text of the ebuild at a path; total. */
  judge(record: TrialRecord, text: string, path: string): Verdict;
  readFile(path: string): Promise<string>;
  writeFile(path: string, text: string): Promise<void>;
}

/** The destination of the reports about one file. */
export interface FileOutput {
  readonly progress: ProgressBoard;
  /** The name that the progress of a trial is shown under. */
  readonly title: string;
  readonly report: TrialReport;
}

/** The end of the trials of a file. */
export interface FileResult {
  /** The exit code for this file: that of the last trial that was run. */
  readonly status: number;
  /** The reason why the edits could not be written; the report is still valid. */
  readonly refusal: unknown;
}

/**
 * Runs a trial and reports it. With `fix`, the edits are written to the file. With `verify`, a second trial builds
 * the text with all edits, whether they were written or not.
 *
 * @throws UserError if no trial could be run
 */
export async function runFileTrial(
  { path }: NamedFile,
  options: FileTrialOptions,
  world: FileTrialWorld,
  { progress, title, report }: FileOutput,
  signal?: AbortSignal,
): Promise<FileResult> {
  const run = async (name: string, text: string): Promise<TrialResult> => {
    const line = progress.open(name);
    try {
      const record = await world.runner.run(
        toRequest(path, text, options),
        { progress: (now) => line.show(now), record: () => {} },
        signal,
      );
      return { text, record, verdict: world.judge(record, text, path) };
    } finally {
      line.end();
    }
  };

  const text = await world.readFile(path);
  const first = await run(title, text);
  report.trial(first);
  const fixed = fixAll(text, (changed) => world.judge(first.record, changed, path));
  if (fixed === text) return { status: statusOf(first), refusal: undefined };
  if (options.fix) {
    try {
      await writeUnlessChanged(path, text, fixed, world);
      report.fixed();
    } catch (refusal) {
      return { status: COULD_NOT_RUN, refusal };
    }
  }
  if (!options.verify) return { status: statusOf(first), refusal: undefined };
  const second = await run(`second ${title}`, fixed);
  report.trial(second);
  return { status: statusOf(second), refusal: undefined };
}

function toRequest(
  file: string,
  text: string,
  { fresh, quick, tests, states }: FileTrialOptions,
): TrialRequest {
  return { file, text, fresh, quick, ...(tests && { tests }), ...states };
}

function statusOf({ record, verdict }: TrialResult): number {
  if (hasFault(verdict.findings)) return FINDINGS;
  // A failure may be explained by findings that are silenced, which do not count.
  const isExplained = verdict.state === 'verified' && (verdict.silenced ?? []).length > 0;
  return record.outcome === 'passed' || isExplained ? CLEAN : COULD_NOT_RUN;
}

/** Writes the text unless the author changed the file during the trial: their text is worth more than our edit. */
async function writeUnlessChanged(
  path: string,
  before: string,
  after: string,
  world: FileTrialWorld,
): Promise<void> {
  if ((await world.readFile(path)) !== before) {
    throw new UserError(
      `The edits were not applied, because ${path} changed during the trial: run the trial again.`,
    );
  }
  await world.writeFile(path, after);
}
