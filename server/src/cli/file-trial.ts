import type { Colors } from 'picocolors/types';
import { conclude } from '../audit/conclusion.ts';
import type { Verdict } from '../audit/finding.ts';
import { fixAll } from '../audit/fix-all.ts';
import type { TrialRecord } from '../audit/record.ts';
import { UserError } from '../errors/user-error.ts';
import type { TrialRequest, TrialRunner } from '../trial/trial.ts';
import { CLEAN, COULD_NOT_RUN, FINDINGS, hasFault } from './exit-status.ts';
import { printable } from './printable.ts';
import type { ProgressBoard } from './progress-line.ts';
import { describeAsJson, type JsonReport } from './report-json.ts';
import { formatFinding, formatProbes } from './report-text.ts';

/** What is to be done with each file. */
export interface FileTrialOptions {
  readonly fix: boolean;
  readonly verify: boolean;
  /** Whether to build although the record of an earlier trial answers. */
  readonly fresh: boolean;
  /** Whether the report tells the whole chain that led to each finding. */
  readonly why: boolean;
  /** Whether it lists what was looked for and is not needed. */
  readonly probes: boolean;
  /** See `TrialRequest`. */
  readonly quick: boolean;
  readonly matrix: TrialRequest['matrix'];
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
  readonly colors: Colors;
  /** Milliseconds since the epoch. */
  now(): number;
}

/** Where the trials of one file are told of. */
export interface FileOutput {
  readonly progress: ProgressBoard;
  /** What the progress of a trial is called. */
  readonly title: string;
  /** Takes the report for people, a paragraph at a time. */
  say(text: string): void;
}

/** What the trial of a file, and perhaps a second one, came to. */
export interface FileResult {
  /** The exit code for this file: that of the last trial that was run. */
  readonly status: number;
  readonly report: JsonReport;
  /** Why the edits could not be written; the report holds all the same. */
  readonly refusal: unknown;
}

interface Trial {
  readonly text: string;
  readonly record: TrialRecord;
  readonly verdict: Verdict;
}

/**
 * Runs a trial and reports it; with `fix` the edits are written to the file, with `verify` a second trial builds the text with all edits,
 * written or not.
 *
 * @throws UserError when no trial could be run
 */
export async function runFileTrial(
  { file, path }: NamedFile,
  options: FileTrialOptions,
  world: FileTrialWorld,
  { progress, title, say }: FileOutput,
  signal?: AbortSignal,
): Promise<FileResult> {
  const run = async (called: string, text: string): Promise<Trial> => {
    const line = progress.open(called);
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
  const tell = ({ text, record, verdict }: Trial) => {
    const style = { colors: world.colors, why: options.why, shown: new Set<string>() };
    for (const finding of verdict.findings) say(`${formatFinding(file, text, finding, style)}\n`);
    if (options.probes) say(`${formatProbes(file, record.probes)}\n`);
    const { state, message } = conclude(record, verdict, text, { now: world.now() });
    const paint = state === 'clean' ? world.colors.green : world.colors.red;
    const word = state === 'findings' ? '' : `${world.colors.bold(paint(state))}: `;
    say(`${printable(file)}: ${word}${printable(message)}`);
    if (record.log !== '') say(`The whole build log is in ${record.log}`);
  };

  const text = await world.readFile(path);
  const first = await run(title, text);
  tell(first);
  const fixed = fixAll(text, (changed) => world.judge(first.record, changed, path));
  let second: Trial | undefined;
  let refusal: unknown;
  if (fixed !== text && options.fix) {
    try {
      await writeUnlessChanged(path, text, fixed, world);
      say(`${printable(file)}: the edits above are written.`);
    } catch (error) {
      refusal = error;
    }
  }
  if (fixed !== text && options.verify && refusal === undefined) {
    say('');
    second = await run(`second ${title}`, fixed);
    tell(second);
  }
  const describe = (trial: Trial, verification: JsonReport | null) =>
    describeAsJson(file, trial.text, trial.record, trial.verdict, options.probes, verification);
  const last = second ?? first;
  return {
    status: refusal === undefined ? statusOf(last) : COULD_NOT_RUN,
    report: describe(first, second === undefined ? null : describe(second, null)),
    refusal,
  };
}

function toRequest(file: string, text: string, { fresh, quick, matrix }: FileTrialOptions): TrialRequest {
  return { file, text, fresh, quick, ...(matrix === undefined ? {} : { matrix }) };
}

function statusOf({ record, verdict }: Trial): number {
  if (hasFault(verdict.findings)) return FINDINGS;
  return record.outcome === 'passed' ? CLEAN : COULD_NOT_RUN;
}

/** The author may have gone on writing while the trial ran; their text is worth more than our edit. */
async function writeUnlessChanged(
  path: string,
  before: string,
  after: string,
  world: FileTrialWorld,
): Promise<void> {
  if ((await world.readFile(path)) !== before) {
    throw new UserError(
      `${path} has changed while the trial ran, so the edits were not written: run the trial again.`,
    );
  }
  await world.writeFile(path, after);
}
