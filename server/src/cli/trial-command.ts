import { isForUser } from '../errors/user-error.ts';
import { createTrialQueue } from '../trial/trial-queue.ts';
import { CLEAN, COULD_NOT_RUN } from './exit-status.ts';
import {
  type FileResult,
  type FileTrialOptions,
  type FileTrialWorld,
  type NamedFile,
  runFileTrial,
} from './file-trial.ts';
import { createProgressBoard, type ProgressOutput } from './progress-line.ts';
import { formatJson } from './report-json.ts';

export interface TrialCommandOptions extends FileTrialOptions {
  readonly files: readonly NamedFile[];
  /** How many trials run at the same time. */
  readonly jobs: number;
  readonly format: 'text' | 'json';
}

export interface TrialCommandWorld extends FileTrialWorld {
  print(text: string): void;
  /** One sentence for standard error. */
  complain(sentence: string): void;
  readonly progress: ProgressOutput;
}

/** What became of a file: a report, or why there is none. */
type Ending = { readonly result: FileResult } | { readonly problem: string };

/**
 * Runs a trial of each file and reports them, each as its trial ends; see {@link runFileTrial}. A file whose trial cannot be run is
 * complained about, and the others are run all the same.
 *
 * @param signal cancels the trials; what it is aborted with is thrown
 * @returns the exit code: the highest of those of the files
 */
export async function runTrialCommand(
  options: TrialCommandOptions,
  world: TrialCommandWorld,
  signal?: AbortSignal,
): Promise<number> {
  const files = [...new Map(options.files.map((one) => [one.path, one])).values()];
  const alone = files.length === 1;
  const board = createProgressBoard(world.progress);
  const queue = createTrialQueue(options.jobs);

  const runOne = async (named: NamedFile, cancelled: AbortSignal): Promise<Ending> => {
    const paragraphs: string[] = [];
    const print = (text: string) => {
      board.clear();
      world.print(text);
    };
    const say = (text: string) => {
      if (options.format !== 'text') return;
      // What belongs to one file stays together while others are reported.
      if (options.jobs === 1 || alone) print(text);
      else paragraphs.push(text);
    };
    const complain = (message: string) => {
      board.clear();
      const isNamed = alone || message.includes(named.path) || message.includes(named.file);
      world.complain(isNamed ? message : `${named.file}: ${message}`);
      return message;
    };
    try {
      const title = alone ? 'trial' : `trial of ${named.file.slice(named.file.lastIndexOf('/') + 1)}`;
      const result = await runFileTrial(named, options, world, { progress: board, title, say }, cancelled);
      if (paragraphs.length > 0) print(`${paragraphs.join('\n')}\n`);
      if (result.refusal !== undefined) complain(explain(result.refusal));
      return { result };
    } catch (error) {
      cancelled.throwIfAborted();
      return { problem: complain(explain(error)) };
    }
  };

  const endings = await Promise.all(
    files.map((named) =>
      queue
        .submit(named.path, (cancelled) => runOne(named, cancelled), signal)
        .catch(async (error) => {
          // Nothing of the others is left either when the reason is told.
          await queue.stop();
          signal?.throwIfAborted();
          throw error;
        }),
    ),
  );
  if (options.format === 'json') printJson(files, endings, world);
  return Math.max(CLEAN, ...endings.map((one) => ('result' in one ? one.result.status : COULD_NOT_RUN)));
}

/** One document: of one file its report, of several a list with a report or a sentence for each. */
function printJson(files: readonly NamedFile[], endings: readonly Ending[], world: TrialCommandWorld): void {
  const reports = endings.map((one, index) =>
    'result' in one ? one.result.report : { format: 1, file: files[index]?.file, problem: one.problem },
  );
  if (files.length > 1) world.print(formatJson(reports));
  else if (endings[0] !== undefined && 'result' in endings[0]) world.print(formatJson(reports[0]));
}

/** The sentence of an error that is for the user; any other is thrown on. */
function explain(error: unknown): string {
  if (isForUser(error)) return error.message;
  throw error;
}
