import type { Colors } from 'picocolors/types';
import type { Finding, Verdict } from '../../audit/finding.ts';
import type { TrialRecord } from '../../audit/record.ts';
import type { Silencing } from '../../audit/silencing/silence.ts';
import type { TracedMetadata } from '../../check/traced-metadata.ts';
import type { Review } from '../../review/review.ts';
import type { ReproductionOutcome } from '../../trial/reproduction/reproduce.ts';
import type { RuntimeOutcome } from '../../trial/runtime/runtime-request.ts';

/** The report of a command. Each form of `--format` is one implementation, listed in {@link REPORT_FORMS}. */
export interface Report {
  /**
   * Opens the report of one file's trials. If the form has an order, files are reported in the order of these calls.
   */
  openTrial(file: string): TrialReport;
  /** All trials have ended. */
  trialsEnded(): void;
  /** The review has ended. */
  reviewed(review: Review): void;
  /** Another file was checked. */
  checked(result: CheckedFile): void;
  /** All files have been checked. */
  checkEnded(end: CheckEnd): void;
  /** The command of `runtime` has ended. */
  ran(result: CommandRun): void;
  /** The builds of `reproduce` have ended. */
  reproduced(result: Reproduction): void;
  /** The metadata of a file are known. */
  metadata(result: FileMetadata): void;
}

/** The report of one file's trials, of which there are two with `--verify`. */
export interface TrialReport {
  trial(result: TrialResult): void;
  /** The fixes of the last trial were written to the file. */
  fixed(): void;
  /** The last trial was written as a binary package. @param path absolute */
  packed(path: string): void;
  /** Takes one sentence: why there is no result. Standard error has it as well. */
  problem(sentence: string): void;
  /** No more results of the file will come. */
  end(): void;
}

/** The destination of a report, and the user's choices for it. */
export interface ReportSetting {
  /** Takes lines for standard output, without the last newline. */
  print(text: string): void;
  readonly colors: Colors;
  /** Milliseconds since the epoch. */
  now(): number;
  /** Whether each finding has the rest of its chain: owner, rule, trials. */
  readonly why: boolean;
  /** Whether to list the packages that the build looked for and does not need. */
  readonly probes: boolean;
  /** Whether trials of several files run at the same time, so that the lines of one file must be kept together. */
  readonly isConcurrent: boolean;
}

/** The settings of a form that only a review has. */
export interface ReviewSetting extends Pick<ReportSetting, 'now' | 'why'> {
  /** The page of a finding's code in Markdown; undefined if there is none. */
  readPage(code: string): string | undefined;
}

/** The record of a trial, and its verdict for a text. */
export interface TrialResult {
  readonly text: string;
  readonly record: TrialRecord;
  readonly verdict: Verdict;
}

export interface CheckedFile extends Silencing {
  /** As the user wrote it. */
  readonly file: string;
  readonly text: string;
  /** Whether edits were written; `text` is then the new content of the file. */
  readonly isFixed: boolean;
}

export interface CheckEnd {
  /** One sentence for each reason why packages of some repositories were not called unknown. */
  readonly incomplete: readonly string[];
  /** Whether something could not be read or written. */
  readonly hasFailed: boolean;
}

export interface CommandRun {
  readonly file: string;
  readonly text: string;
  readonly command: readonly string[];
  readonly outcome: RuntimeOutcome;
  readonly findings: readonly Finding[];
}

export interface Reproduction {
  /** As the user wrote it. */
  readonly file: string;
  readonly outcome: ReproductionOutcome;
}

export interface FileMetadata {
  readonly file: string;
  readonly text: string;
  readonly traced: TracedMetadata;
}
