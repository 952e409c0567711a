import type { Colors } from 'picocolors/types';
import { isForUser } from '../errors/user-error.ts';
import { createTrialQueue } from '../trial/trial-queue.ts';
import type { Baseline } from './baseline.ts';
import { CLEAN, COULD_NOT_RUN } from './exit-status.ts';
import { type FileTrialOptions, type FileTrialWorld, type NamedFile, runFileTrial } from './file-trial.ts';
import { createProgressBoard, type ProgressOutput } from './progress-line.ts';
import { describeBaseline } from './report/baseline-sentences.ts';
import type { TrialReport } from './report/report.ts';
import { openReport, type ReportForm } from './report/report-forms.ts';

export interface TrialCommandOptions extends FileTrialOptions {
  readonly files: readonly NamedFile[];
  /** The number of trials that run at the same time. */
  readonly jobs: number;
  /** Whether the report has the whole chain of each finding. */
  readonly why: boolean;
  /** Whether it lists the packages that the build looked for and does not need. */
  readonly probes: boolean;
  readonly format: ReportForm;
}

export interface TrialCommandWorld extends FileTrialWorld {
  print(text: string): void;
  /** One sentence for standard error. */
  complain(sentence: string): void;
  readonly progress: ProgressOutput;
  readonly colors: Colors;
  /** Milliseconds since the epoch. */
  now(): number;
  /** The known findings that `judge` hides; absent without one. */
  readonly baseline?: Pick<Baseline, 'noteTrial' | 'finish'> | undefined;
}

/**
 * Runs a trial of each file and reports each when it ends; see {@link runFileTrial}. If a trial cannot be run, that
 * is reported and the others still run.
 *
 * @param signal cancels the trials; its reason is thrown
 * @returns the exit code: the highest of those of the files
 */
export async function runTrialCommand(
  options: TrialCommandOptions,
  world: TrialCommandWorld,
  signal?: AbortSignal,
): Promise<number> {
  const files = [...new Map(options.files.map((named) => [named.path, named])).values()];
  const isAlone = files.length === 1;
  const board = createProgressBoard(world.progress);
  const queue = createTrialQueue(options.jobs);
  const report = openReport(options.format, {
    print(text) {
      board.clear();
      world.print(text);
    },
    colors: world.colors,
    now: () => world.now(),
    why: options.why,
    probes: options.probes,
    isConcurrent: options.jobs > 1 && !isAlone,
  });

  const complain = (named: NamedFile, sentence: string): void => {
    board.clear();
    const isNamed = isAlone || sentence.includes(named.path) || sentence.includes(named.file);
    world.complain(isNamed ? sentence : `${named.file}: ${sentence}`);
  };
  const runNamed = async (
    named: NamedFile,
    fileReport: TrialReport,
    cancelled: AbortSignal,
  ): Promise<number> => {
    const title = isAlone ? 'trial' : `trial of ${named.file.slice(named.file.lastIndexOf('/') + 1)}`;
    const noted: TrialReport = {
      ...fileReport,
      trial(result) {
        world.baseline?.noteTrial(named.path, result);
        fileReport.trial(result);
      },
    };
    const output = { progress: board, title, report: noted };
    try {
      const { status, refusal } = await runFileTrial(named, options, world, output, cancelled);
      fileReport.end();
      if (refusal !== undefined) complain(named, explain(refusal));
      return status;
    } catch (error) {
      cancelled.throwIfAborted();
      const sentence = explain(error);
      complain(named, sentence);
      fileReport.problem(sentence);
      return COULD_NOT_RUN;
    }
  };

  const statuses = await Promise.all(
    files
      .map((named) => ({ named, fileReport: report.openTrial(named.file) }))
      .map(({ named, fileReport }) =>
        queue
          .submit(named.path, (cancelled) => runNamed(named, fileReport, cancelled), signal)
          .catch(async (error) => {
            // The other trials must have ended before the error is reported.
            await queue.stop();
            signal?.throwIfAborted();
            throw error;
          }),
      ),
  );
  report.trialsEnded();
  if (world.baseline !== undefined)
    for (const sentence of describeBaseline(world.baseline.finish())) world.complain(sentence);
  return Math.max(CLEAN, ...statuses);
}

/** The sentence of an error that is for the user; any other error is thrown on. */
function explain(error: unknown): string {
  if (isForUser(error)) return error.message;
  throw error;
}
