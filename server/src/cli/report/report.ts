import type { Colors } from 'picocolors/types';
import type { Finding, Verdict } from '../../audit/finding.ts';
import type { TrialRecord } from '../../audit/record.ts';
import type { Silencing } from '../../audit/silencing/silence.ts';
import type { TracedMetadata } from '../../check/traced-metadata.ts';
import type { RuntimeOutcome } from '../../trial/runtime/runtime-request.ts';

/** How a command reports its results. Each form of `--format` is one implementation, listed in {@link REPORT_FORMS}. */
export interface Report {
  /** Opens the report of one file's trials. Files are reported in this order where the form has an order. */
  openTrial(file: string): TrialReport;
  /** All trials have ended. */
  trialsEnded(): void;
  /** Another file was checked. */
  checked(result: CheckedFile): void;
  /** All files have been checked. */
  checkEnded(end: CheckEnd): void;
  /** The command of `runtime` has ended. */
  ran(result: CommandRun): void;
  /** The metadata of a file are known. */
  metadata(result: FileMetadata): void;
}

/** The report of one file's trials, of which there are two with `--verify`. */
export interface TrialReport {
  trial(result: TrialResult): void;
  /** The fixes of the last trial were written to the file. */
  fixed(): void;
  /** Why there is no result, as one sentence. It is said on standard error as well. */
  problem(sentence: string): void;
  /** Nothing more comes about the file. */
  end(): void;
}

/** Where a report goes, and what the user wants to see in it. */
export interface ReportSetting {
  /** Takes lines for standard output, without the last newline. */
  print(text: string): void;
  readonly colors: Colors;
  /** Milliseconds since the epoch. */
  now(): number;
  /** Whether each finding has the rest of its chain: owner, rule, trials. */
  readonly why: boolean;
  /** Whether the packages are listed that the build looked for and does not need. */
  readonly probes: boolean;
  /** Whether trials of several files run at the same time, so that what belongs to one file is to be kept together. */
  readonly isConcurrent: boolean;
}

/** What a trial of a text saw, and what follows from it. */
export interface TrialResult {
  readonly text: string;
  readonly record: TrialRecord;
  readonly verdict: Verdict;
}

export interface CheckedFile extends Silencing {
  /** As the user wrote it. */
  readonly file: string;
  readonly text: string;
  /** Whether edits were written; `text` is what the file holds then. */
  readonly isFixed: boolean;
}

export interface CheckEnd {
  /** Why packages of some repositories were not called unknown, one sentence each. */
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

export interface FileMetadata {
  readonly file: string;
  readonly text: string;
  readonly traced: TracedMetadata;
}
