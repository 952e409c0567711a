import { existsSync, mkdirSync, readdirSync, rmdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { UserError } from '../errors/user-error.ts';
import { replaceFile } from '../files/replace-file.ts';
import { findOwner, listAbandoned, nameAside } from '../host/process-owner.ts';
import { PRODUCT_VERSION } from '../host/product-version.ts';
import {
  beginJournal,
  continueJournal,
  type FoundFinding,
  isUntried,
  type Journal,
  keyOfLine,
  readJournal,
  type SweepExtent,
  type SweepLine,
} from './journal.ts';

/** How a folder that has a sweep already is treated. */
export interface FolderChoice {
  readonly resume: boolean;
  /** Whether an earlier sweep is removed. */
  readonly fresh: boolean;
}

/** The folder of a sweep. */
export interface SweepFolder {
  readonly page: string;
  readonly journal: Journal;
  /** The lines of the part that ran before, for ebuilds that are not tried again. */
  readonly kept: readonly SweepLine[];
  /** How long trials took before, by {@link keyOfLine}, in milliseconds. */
  readonly durations: ReadonlyMap<string, number>;
  /** Lines that could not be read. */
  readonly damaged: number;
  /** Closes the journal and leaves the folder to others. */
  close(): void;
}

/**
 * Opens the folder of a sweep, and makes it if there is none.
 *
 * A sweep that was stopped goes on with the ebuilds that have no line, and with those that were lost for a passing reason. One that has ended
 * goes on with all that could not be tried.
 *
 * @param began milliseconds since the epoch
 * @throws UserError if the folder has a sweep and nothing is said of it, if its options differ, if another process sweeps into it, or if it
 *   cannot be written; the signal's reason
 */
export async function openSweepFolder(
  folder: string,
  choice: FolderChoice,
  options: SweepExtent,
  began: number,
  signal?: AbortSignal,
): Promise<SweepFolder> {
  const path = journalOf(folder);
  const page = join(folder, 'index.html');
  const isBegun = existsSync(path);
  if (isBegun && !choice.resume && !choice.fresh)
    throw new UserError(
      `${folder} has a sweep already: go on with --resume, begin a new one with --fresh, or name another folder with --output.`,
    );
  if (!isBegun && existsSync(page))
    throw new UserError(
      `${page} is not the page of a sweep: name another folder with --output, or remove the file.`,
    );
  const leave = enter(folder);
  try {
    const opened =
      isBegun && choice.resume ? await goOn(path, options, signal) : begin([path, page], options, began);
    const close = () => {
      opened.journal.close();
      leave();
    };
    return { ...opened, page, close };
  } catch (error) {
    leave();
    throw error;
  }
}

type OpenedJournal = Omit<SweepFolder, 'page' | 'close'>;

/** Begins a sweep, without the files of an earlier one. */
function begin([path, page]: readonly [string, string], options: SweepExtent, began: number): OpenedJournal {
  for (const old of [page, path]) rmSync(old, { force: true });
  const header = {
    format: 1,
    version: PRODUCT_VERSION,
    began: new Date(began).toISOString(),
    options,
  } as const;
  return { journal: beginJournal(path, header), kept: [], durations: new Map(), damaged: 0 };
}

async function goOn(
  path: string,
  options: SweepExtent,
  signal: AbortSignal | undefined,
): Promise<OpenedJournal> {
  const lines = new Map<string, SweepLine>();
  const read = await readJournal(path, (line) => lines.set(keyOfLine(line), lighten(line)), signal);
  if (read?.header === undefined)
    throw new UserError(`${path} is not the journal of a sweep: begin a new one with --fresh.`);
  if (!isDeepStrictEqual(read.header.options, options))
    throw new UserError(
      `${path} is of a sweep with other options: give --quick, --tests and --use-matrix as before, or name another folder with --output.`,
    );
  const kept = [...lines.values()].filter((line) => !isUntried(line) || !(read.isFinished || line.passing));
  return {
    journal: continueJournal(path, read.whole),
    kept,
    durations: new Map([...lines].map(([key, { duration }]) => [key, duration])),
    damaged: read.damaged,
  };
}

/** The folder in a folder in which the process that sweeps into it has left its name. */
const OWNERS = '.running';
/** How often a process enters that another one, which leaves, takes the folder of names from. */
const MOST_TRIES = 10;

/**
 * Makes a folder and takes it for this process: two that write one journal would lose lines.
 *
 * @returns leaves it to others
 */
function enter(folder: string): () => void {
  const owners = join(folder, OWNERS);
  const own = join(owners, nameAside('sweep'));
  const leave = () => {
    rmSync(own, { recursive: true, force: true });
    try {
      rmdirSync(owners);
    } catch {
      // Another process has come meanwhile.
    }
  };
  try {
    mkdirSync(owners, { recursive: true });
    for (const old of listAbandoned(owners, findOwner())) rmSync(old, { recursive: true, force: true });
    makeOwn(owners, own);
  } catch (error) {
    throw refuseFolder(folder, error);
  }
  // Only now: of two that come at the same time, each sees the other, and neither takes the other's place.
  if (readdirSync(owners).length === 1) return leave;
  leave();
  throw new UserError(
    `Another process sweeps into ${folder}: wait for its end, stop it, or name another folder with --output.`,
  );
}

/** Another process that leaves may remove the folder at any moment until there is something in it. */
function makeOwn(owners: string, own: string): void {
  for (let tries = 1; ; tries++) {
    try {
      return void mkdirSync(own);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || tries === MOST_TRIES) throw error;
      mkdirSync(owners, { recursive: true });
    }
  }
}

/** The journal of a folder. */
export const journalOf = (folder: string): string => join(folder, 'sweep.jsonl');

/** Writes the page in one step. @throws UserError */
export function writePage(path: string, content: string): void {
  try {
    replaceFile(path, content);
  } catch (error) {
    throw refuseFolder(path, error);
  }
}

function refuseFolder(path: string, error: unknown): UserError {
  return new UserError(
    `${path} cannot be written (${(error as NodeJS.ErrnoException).code}): name another folder with --output.`,
    { cause: error, reach: 'all' },
  );
}

/** A line without the evidence and the edits of its findings, which are most of it. */
function lighten(line: SweepLine): SweepLine {
  if (isUntried(line)) return line;
  const findings = line.findings.map(
    ({ code, severity, message }): FoundFinding => ({ code, severity, message }),
  );
  return { ...line, findings };
}
