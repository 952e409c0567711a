import type { Colors } from 'picocolors/types';
import { isForUser } from '../errors/user-error.ts';
import { createTrialQueue } from '../trial/trial-queue.ts';
import type { Baseline } from './baseline.ts';
import { CLEAN, COULD_NOT_RUN } from './exit-status.ts';
import {
  type FileResult,
  type FileTrialOptions,
  type FileTrialWorld,
  type NamedFile,
  runFileTrial,
} from './file-trial.ts';
import { createProgressBoard, type ProgressOutput } from './progress-line.ts';
import { describeBaseline } from './report/baseline-sentences.ts';
import type { TrialReport } from './report/report.ts';
import { openReport, type ReportForm } from './report/report-forms.ts';
import { inGivenOrder, type OrderedFile, type TrialOrder } from './trial-order.ts';

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
  /** Sorts several files by their dependencies on each other; absent: they keep their order. */
  order?(files: readonly NamedFile[]): Promise<TrialOrder>;
}

/** The end of the trials of a file, as those that depend on it need it. */
type Ended = Pick<FileResult, 'status' | 'isPacked'>;

/**
 * Runs a trial of each file and reports each when it ends; see {@link runFileTrial}. If a trial cannot be run, that
 * is reported and the others still run. With binary packages, an ebuild waits for those that it depends on, and is not
 * tried if one of them has become no package.
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
  ): Promise<Ended> => {
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
      const { refusal, ...ended } = await runFileTrial(named, options, world, output, cancelled);
      fileReport.end();
      if (refusal !== undefined) complain(named, explain(refusal));
      return ended;
    } catch (error) {
      cancelled.throwIfAborted();
      const sentence = explain(error);
      complain(named, sentence);
      fileReport.problem(sentence);
      return { status: COULD_NOT_RUN };
    }
  };

  const reports = new Map(files.map((named) => [named, report.openTrial(named.file)]));
  const { files: ordered, complaints } = await sortFiles(files, world);
  for (const sentence of complaints) world.complain(sentence);
  const running = new Map<NamedFile, Promise<Ended>>();
  const start = async ({ named, needs }: OrderedFile, fileReport: TrialReport): Promise<Ended> => {
    const lacking = world.pack === undefined ? undefined : await findUnpacked(needs, running);
    if (lacking !== undefined) {
      const sentence = `${named.file} was not tried, because there is no binary package of ${lacking.file}, which it depends on: fix that first.`;
      complain(named, sentence);
      fileReport.problem(sentence);
      return { status: COULD_NOT_RUN };
    }
    return queue
      .submit(named.path, (cancelled) => runNamed(named, fileReport, cancelled), signal)
      .catch(async (error) => {
        // The other trials must have ended before the error is reported.
        await queue.stop();
        signal?.throwIfAborted();
        throw error;
      });
  };
  for (const file of ordered) {
    const fileReport = reports.get(file.named);
    if (fileReport !== undefined) running.set(file.named, start(file, fileReport));
  }
  const ended = await Promise.all(running.values());
  report.trialsEnded();
  if (world.baseline !== undefined)
    for (const sentence of describeBaseline(world.baseline.finish())) world.complain(sentence);
  return Math.max(CLEAN, ...ended.map(({ status }) => status));
}

function sortFiles(files: readonly NamedFile[], world: TrialCommandWorld): Promise<TrialOrder> | TrialOrder {
  return files.length > 1 && world.order !== undefined ? world.order(files) : inGivenOrder(files);
}

/** The first of these files of which no binary package was written, when their trials have ended. */
async function findUnpacked(
  needs: readonly NamedFile[],
  running: ReadonlyMap<NamedFile, Promise<Ended>>,
): Promise<NamedFile | undefined> {
  for (const need of needs) {
    if ((await running.get(need))?.isPacked !== true) return need;
  }
  return undefined;
}

/** The sentence of an error that is for the user; any other error is thrown on. */
function explain(error: unknown): string {
  if (isForUser(error)) return error.message;
  throw error;
}
