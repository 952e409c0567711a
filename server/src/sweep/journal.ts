import { closeSync, fsyncSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs';
import { UserError } from '../errors/user-error.ts';
import { escapeJson } from '../errors/visible-text.ts';
import { runInSlices } from '../repository/index/slices.ts';
import type { RequestedStates } from '../trial/trial.ts';

/** The first line of a journal. docs/schemas/sweep.schema.json describes all lines. */
export interface SweepHeader {
  /** Raised when a key changes its meaning. */
  readonly format: 1;
  /** The version of Ebuild Audit. */
  readonly version: string;
  /** ISO 8601. */
  readonly began: string;
  readonly options: SweepExtent;
}

/** The options that change what a trial finds; see `TrialRequest`. */
export interface SweepExtent extends RequestedStates {
  readonly quick: boolean;
  readonly tests: boolean;
}

/** What every line of an ebuild has. */
interface EbuildLine {
  /** `CATEGORY/PACKAGE/PACKAGE-VERSION.ebuild`. */
  readonly file: string;
  /** The name of the repository. */
  readonly repository: string;
  /** `category/package-version`. */
  readonly package: string;
  /** How long the trial took, in milliseconds; that of the stored trial, if its record answered. */
  readonly duration: number;
  /** The end of the trial, in ISO 8601. */
  readonly time: string;
  readonly maintainers: readonly string[];
  /** Direct and indirect ones. */
  readonly eclasses: readonly string[];
}

/** What a trial has found. */
export interface Found {
  readonly outcome: 'passed' | 'failed';
  readonly failure: { readonly phase: string; readonly firstError: string } | null;
  /** Whether the trial says what the ebuild needs: it passed, or its findings explain the failure. */
  readonly judged: boolean;
  /** In the form of the JSON report of `trial`. */
  readonly findings: readonly FoundFinding[];
  /** For each finding a text that is the same in the next sweep if the finding is. */
  readonly identities: readonly string[];
  /** The number of findings that the ebuild, its repository or a baseline ignores. */
  readonly silenced: number;
  readonly log: string;
  /** The end of the trial whose stored record answered, in ISO 8601; null if it was run. */
  readonly storedAt: string | null;
}

/** The part of a finding that a sweep counts. */
export interface FoundFinding {
  readonly code: string;
  readonly severity: 'error' | 'warning' | 'information' | 'hint';
  readonly message: string;
}

export interface TriedLine extends EbuildLine, Found {}

/** An ebuild that could not be tried. */
export interface UntriedLine extends EbuildLine {
  /** One sentence. */
  readonly problem: string;
  /** Whether the next attempt may succeed: the reason was neither the ebuild nor the machine's set-up. */
  readonly passing: boolean;
  /** How often it was tried. */
  readonly attempts: number;
}

export type SweepLine = TriedLine | UntriedLine;

/** The line that ends a sweep. More lines may follow, if it goes on later. */
export interface EndLine {
  /** ISO 8601. */
  readonly ended: string;
}

export const isUntried = (line: SweepLine): line is UntriedLine => 'problem' in line;

/** A text by which an ebuild is found again in another journal. */
export const keyOfLine = ({
  file,
  repository,
}: {
  readonly file: string;
  readonly repository: string;
}): string => `${file}::${repository}`;

/** What a journal says of itself when all its lines have been read. */
export interface ReadJournal {
  /** Undefined if the file is no journal. */
  readonly header: SweepHeader | undefined;
  /** Whether all ebuilds of its plan have a line. */
  readonly isFinished: boolean;
  /** Lines that cannot be read, such as those that a power cut has damaged. */
  readonly damaged: number;
  /** In bytes: what lies behind the last line break is half a line. */
  readonly whole: number;
}

/**
 * Reads a journal line by line, because it may be larger than the memory. Other work runs in between.
 *
 * @param each takes each line of an ebuild in order; if there are several of one ebuild, the last counts
 * @returns undefined if there is no such file
 * @throws UserError if it cannot be read; the signal's reason
 */
export async function readJournal(
  path: string,
  each: (line: SweepLine) => void,
  signal?: AbortSignal,
): Promise<ReadJournal | undefined> {
  try {
    const read = await runInSlices(readInSteps(path, each), () => signal?.aborted === true);
    signal?.throwIfAborted();
    return read;
  } catch (error) {
    signal?.throwIfAborted();
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    if (code === undefined) throw error;
    throw new UserError(`${path} cannot be read (${code}): name a file that you may read.`, { cause: error });
  }
}

function* readInSteps(path: string, each: (line: SweepLine) => void): Generator<void, ReadJournal> {
  let header: SweepHeader | undefined;
  let isFinished = false;
  let damaged = 0;
  let whole = 0;
  let isFirst = true;
  for (const { text, end } of readLines(path)) {
    const value = parseLine(text);
    if (isFirst && isHeader(value)) header = value;
    else if (isEbuildLine(value)) {
      each(value);
      isFinished = false;
    } else if (value !== undefined && 'ended' in value) isFinished = true;
    else if (text !== '') damaged++;
    isFirst = false;
    whole = end;
    yield;
  }
  return { header, isFinished, damaged, whole };
}

type Parsed = Readonly<Record<string, unknown>>;

function parseLine(text: string): Parsed | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Parsed)
      : undefined;
  } catch {
    return undefined;
  }
}

function isHeader(value: Parsed | undefined): value is Parsed & SweepHeader {
  return value?.format === 1 && typeof value.options === 'object' && value.options !== null;
}

const isTexts = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every((text) => typeof text === 'string');

/** Whether a line has what a sweep reads of it again. Whoever edits a journal may leave out the rest. */
function isEbuildLine(value: Parsed | undefined): value is Parsed & SweepLine {
  if (value === undefined || !isTexts(value.maintainers) || !isTexts(value.eclasses)) return false;
  const hasNames = [value.file, value.repository, value.package].every((name) => typeof name === 'string');
  if (!hasNames || typeof value.duration !== 'number') return false;
  if (typeof value.problem === 'string') return true;
  if (!Array.isArray(value.findings) || !isTexts(value.identities)) return false;
  return typeof value.judged === 'boolean' && value.findings.every(isFinding);
}

function isFinding(value: unknown): value is FoundFinding {
  if (typeof value !== 'object' || value === null) return false;
  const { code, severity, message } = value as Readonly<Record<string, unknown>>;
  return [code, severity, message].every((text) => typeof text === 'string');
}

/** In bytes. */
const PART = 2 ** 20;

/** The whole lines of a file, each with the offset behind its line break. */
function* readLines(path: string): Generator<{ readonly text: string; readonly end: number }> {
  const descriptor = openSync(path, 'r');
  try {
    const part = Buffer.allocUnsafe(PART);
    let begun: Buffer[] = [];
    let offset = 0;
    for (let length = readSync(descriptor, part); length > 0; length = readSync(descriptor, part)) {
      let start = 0;
      for (let at = part.indexOf(10); at >= 0 && at < length; at = part.indexOf(10, start)) {
        const text =
          begun.length === 0
            ? part.toString('utf8', start, at)
            : Buffer.concat([...begun, part.subarray(start, at)]).toString('utf8');
        begun = [];
        start = at + 1;
        yield { text, end: offset + start };
      }
      // The buffer is used again.
      if (start < length) begun.push(Buffer.from(part.subarray(start, length)));
      offset += length;
    }
  } finally {
    closeSync(descriptor);
  }
}

/** The journal of a running sweep. */
export interface Journal {
  /** Adds a line, which is in the file when the call returns. @throws UserError if it cannot be written */
  write(line: SweepLine | EndLine): void;
  close(): void;
}

/** Begins a journal. @throws UserError if it cannot be written, or there is a file already */
export function beginJournal(path: string, header: SweepHeader): Journal {
  const journal = openJournal(path, 'ax', 0);
  journal.write(header);
  return journal;
}

/** Goes on with a journal. @param whole see {@link ReadJournal} @throws UserError if it cannot be written */
export function continueJournal(path: string, whole: number): Journal {
  return openJournal(path, 'a', whole);
}

function openJournal(path: string, flags: 'a' | 'ax', whole: number) {
  const guard = <Result>(action: () => Result): Result => {
    try {
      return action();
    } catch (error) {
      const { code = 'unknown' } = error as NodeJS.ErrnoException;
      throw new UserError(
        `${path} cannot be written (${code}): free some space or make its folder writable, and go on with --resume.`,
        { cause: error, reach: 'all' },
      );
    }
  };
  const descriptor = guard(() => openSync(path, flags, 0o644));
  if (flags === 'a') guard(() => ftruncateSync(descriptor, whole));
  return {
    write: (line: SweepHeader | SweepLine | EndLine) =>
      guard(() => {
        // In one call, so that a kill leaves a whole line or a part of the last one.
        const bytes = Buffer.from(`${escapeJson(JSON.stringify(line))}\n`);
        for (let done = 0; done < bytes.length; ) done += writeSync(descriptor, bytes, done);
      }),
    close: () =>
      guard(() => {
        fsyncSync(descriptor);
        closeSync(descriptor);
      }),
  };
}
