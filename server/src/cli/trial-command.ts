import type { Colors } from 'picocolors/types';
import { conclude } from '../audit/conclusion.ts';
import type { Verdict } from '../audit/finding.ts';
import { fixAll } from '../audit/fix-all.ts';
import type { TrialRecord } from '../audit/record.ts';
import { TrialError, type TrialRunner } from '../trial/trial.ts';
import { printable } from './printable.ts';
import { createProgressLine, type ProgressOutput } from './progress-line.ts';
import { describeAsJson, formatJson, type JsonReport } from './report-json.ts';
import { formatFinding } from './report-text.ts';

/** Exit codes of `ebuild-audit trial`, documented in docs/command-line.md. */
export const CLEAN = 0;
export const FINDINGS = 1;
export const COULD_NOT_RUN = 2;

export interface TrialCommandOptions {
  /** As the user wrote it; reports repeat it. */
  readonly file: string;
  /** Absolute. */
  readonly path: string;
  readonly fix: boolean;
  readonly verify: boolean;
  readonly format: 'text' | 'json';
}

export interface TrialCommandWorld {
  readonly runner: TrialRunner;
  judge(record: TrialRecord, text: string): Verdict;
  readFile(path: string): Promise<string>;
  writeFile(path: string, text: string): Promise<void>;
  print(text: string): void;
  readonly progress: ProgressOutput;
  readonly colors: Colors;
}

interface Trial {
  readonly text: string;
  readonly record: TrialRecord;
  readonly verdict: Verdict;
}

/**
 * Runs a trial and reports it; with `fix` the edits are written to the file, with `verify` a second trial builds the text
 * with all edits, written or not.
 *
 * @returns the exit code: that of the last trial that was run
 * @throws TrialError when no trial could be run, or when the edits could not be written; the report is printed in that case
 */
export async function runTrialCommand(
  options: TrialCommandOptions,
  world: TrialCommandWorld,
  signal?: AbortSignal,
): Promise<number> {
  const { file, path } = options;
  const asText = options.format === 'text';
  const say = (text: string) => {
    if (asText) world.print(text);
  };
  const run = async (title: string, text: string): Promise<Trial> => {
    const line = createProgressLine(title, world.progress);
    try {
      const record = await world.runner.run(
        { file: path, text },
        { progress: (p) => line.show(p), record: () => {} },
        signal,
      );
      return { text, record, verdict: world.judge(record, text) };
    } finally {
      line.clear();
    }
  };
  const report = ({ text, record, verdict }: Trial) => {
    const shown = new Set<string>();
    for (const finding of verdict.findings) {
      say(`${formatFinding(file, text, finding, world.colors, shown)}\n`);
    }
    const { state, message } = conclude(record, verdict, text);
    const paint = state === 'clean' ? world.colors.green : world.colors.red;
    const word = state === 'findings' ? '' : `${world.colors.bold(paint(state))}: `;
    say(`${printable(file)}: ${word}${printable(message)}`);
    say(`The whole build log is in ${record.log}`);
  };

  const text = await world.readFile(path);
  const first = await run('trial', text);
  report(first);
  const fixed = fixAll(text, (changed) => world.judge(first.record, changed));
  let last = first;
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
    second = await run('second trial', fixed);
    report(second);
    last = second;
  }
  if (!asText) {
    const form = (trial: Trial, verification: JsonReport | null) =>
      describeAsJson(file, trial.text, trial.record, trial.verdict.findings, verification);
    world.print(formatJson(form(first, second === undefined ? null : form(second, null))));
  }
  if (refusal !== undefined) throw refusal;
  if (last.verdict.findings.length > 0) return FINDINGS;
  return last.record.outcome === 'passed' ? CLEAN : COULD_NOT_RUN;
}

/** The author may have gone on writing while the trial ran; their text is worth more than our edit. */
async function writeUnlessChanged(
  path: string,
  before: string,
  after: string,
  world: TrialCommandWorld,
): Promise<void> {
  if ((await world.readFile(path)) !== before) {
    throw new TrialError(
      `${path} has changed while the trial ran, so the edits were not written: run the trial again.`,
    );
  }
  await world.writeFile(path, after);
}
