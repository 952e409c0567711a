import type { Verdict } from '../audit/finding.ts';
import { fixAll } from '../audit/fix-all.ts';
import type { TrialRecord } from '../audit/record.ts';
import { UserError } from '../errors/user-error.ts';
import type { RequestedStates, TrialProgress, TrialRequest, TrialRunner } from '../trial/trial.ts';
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
  /** Absent without `--buildpkg`. */
  readonly pack?: Pack | undefined;
}

/** A trial that is to become a binary package. */
export interface PackInput extends NamedFile {
  readonly result: TrialResult;
  readonly onProgress: (progress: TrialProgress) => void;
  readonly signal: AbortSignal | undefined;
}

/**
 * Writes what a trial has verified as a binary package.
 *
 * @returns the absolute path of the package
 * @throws UserError if the trial has not verified the ebuild, or the package cannot be written
 */
export type Pack = (input: PackInput) => Promise<string>;

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
  /** The reason why the edits or the binary package could not be written; the report is still valid. */
  readonly refusal: unknown;
  /** Whether a binary package was written. */
  readonly isPacked?: true;
}

/**
 * Runs a trial and reports it. With `fix`, the edits are written to the file. With `verify`, a second trial builds
 * the text with all edits, whether they were written or not. The last trial becomes a binary package if the world has a way to write one and the
 * file has its text.
 *
 * @throws UserError if no trial could be run
 */
export async function runFileTrial(
  { path, file }: NamedFile,
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

  const finish = async (result: TrialResult): Promise<FileResult> => {
    const status = statusOf(result);
    if (world.pack === undefined) return { status, refusal: undefined };
    const line = progress.open(title);
    try {
      const input = { path, file, result, onProgress: (now: TrialProgress) => line.show(now), signal };
      report.packed(await world.pack(input));
      return { status, refusal: undefined, isPacked: true };
    } catch (refusal) {
      signal?.throwIfAborted();
      return { status: status === CLEAN ? COULD_NOT_RUN : status, refusal };
    } finally {
      line.end();
    }
  };

  const text = await world.readFile(path);
  const first = await run(title, text);
  report.trial(first);
  const fixed = fixAll(text, (changed) => world.judge(first.record, changed, path));
  if (fixed === text) return finish(first);
  if (options.fix) {
    try {
      await writeUnlessChanged(path, text, fixed, world);
      report.fixed();
    } catch (refusal) {
      return { status: COULD_NOT_RUN, refusal };
    }
  }
  if (options.fix && !options.verify && world.pack !== undefined)
    return { status: statusOf(first), refusal: new UserError(NOT_VERIFIED) };
  if (!options.verify) return finish(first);
  const second = await run(`second ${title}`, fixed);
  report.trial(second);
  return finish(second);
}

const NOT_VERIFIED =
  'No binary package was written, because the fixed text has not been tried: use --fix with --verify.';

function toRequest(
  file: string,
  text: string,
  { fresh, quick, tests, states }: FileTrialOptions,
): TrialRequest {
  return { file, text, fresh, quick, ...(tests && { tests }), ...states };
}

/** The exit code for one trial. */
export function statusOf({ record, verdict }: Pick<TrialResult, 'record' | 'verdict'>): number {
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
