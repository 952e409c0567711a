import {
  closeSync,
  constants,
  fstatSync,
  openSync,
  readdirSync,
  readlinkSync,
  readSync,
  realpathSync,
} from 'node:fs';
import { dirname, resolve } from 'node:path';
import { isForUser, UserError } from '../errors/user-error.ts';
import { throwIfExhausted } from './exhaustion.ts';
import { decodePath } from './path-bytes.ts';

const MIB = 2 ** 20;

/** Limits for the files of a repository, in bytes; larger ones are skipped. docs/limits.md has them. */
export const LARGEST = {
  /** Settings and lists that a person writes, such as layout.conf, `parent` or make.defaults. */
  setting: MIB,
  /** Texts, of which some are generated: ebuilds, eclasses, use.local.desc, md5-cache, metadata.xml. */
  text: 8 * MIB,
} as const;

/** The state of a file on disk, by which a change is noticed. */
export interface FileStamp {
  /** In milliseconds, with fractions. */
  readonly modified: number;
  /** In bytes. */
  readonly size: number;
}

/** Takes sentences about skipped files; the receiver shows each once. */
export type ReportProblem = (sentence: string) => void;

/**
 * Folders of this machine. A file is read only if it lies in one of them after all links are resolved, so that nobody can make a repository
 * whose files show other files of this machine. The folders themselves may be reached through links.
 */
export type Enclosure = readonly string[];

/** open(2); Node has no name for it. Nothing is opened in earnest, so a pipe does not wait and a device does nothing. */
const O_PATH = 0o10_000_000;

/** A file or folder after all links, while it is open. */
interface Place {
  /** Opens the same file again, whatever has happened to its path since. */
  readonly path: string;
  readonly isFile: boolean;
  readonly isFolder: boolean;
  /** In bytes. */
  readonly size: number;
}

/**
 * Reads a regular file in one go, without waiting for a pipe.
 *
 * @param within the folders in which the file must lie
 * @param limit in bytes
 * @returns undefined if it is missing or a folder; also, with a report, if it leads out, is unreadable, too large or not a regular file
 * @throws UserError if this process or machine has run out of something
 */
export function readRegularFile(
  path: string,
  within: Enclosure,
  report: ReportProblem,
  limit: number = LARGEST.text,
): { readonly bytes: Buffer; readonly stamp: FileStamp } | undefined {
  return openPlace(path, within, report, (place) => {
    if (place.isFolder) return undefined;
    if (!place.isFile) {
      report(`${path} is skipped: it is not a regular file; remove it.`);
      return undefined;
    }
    if (place.size > limit) {
      report(`${path} is skipped: it is larger than ${limit / MIB} MiB; remove it.`);
      return undefined;
    }
    return readAll(place.path, limit);
  });
}

/** The file's text as UTF-8; undefined under the same conditions as {@link readRegularFile}. */
export function readText(
  path: string,
  within: Enclosure,
  report: ReportProblem,
  limit?: number,
): string | undefined {
  return readRegularFile(path, within, report, limit)?.bytes.toString('utf8');
}

/** The text of a file that a person writes, see {@link LARGEST}; otherwise as {@link readText}. */
export function readSetting(path: string, within: Enclosure, report: ReportProblem): string | undefined {
  return readText(path, within, report, LARGEST.setting);
}

/**
 * The names in a folder without hidden ones, sorted; empty if it is not a folder, or, with a report, leads out or cannot be read.
 *
 * @throws UserError if this process or machine has run out of something
 */
export function listFolder(path: string, within: Enclosure, report: ReportProblem): readonly string[] {
  const names = openPlace(path, within, report, (place) =>
    place.isFolder ? readdirSync(place.path) : undefined,
  );
  return (names ?? []).filter((name) => !name.startsWith('.')).sort();
}

/**
 * A text that changes whenever the content of a file may have changed. A file outside the enclosure is not read: its identity and times
 * stand for its content, because a package manager in the sandbox may read it. The same holds for a file that is larger than `limit`.
 *
 * @param digest makes a digest of the content
 * @throws UserError if this process or machine has run out of something
 */
export function fingerprintFile(
  path: string,
  within: Enclosure,
  digest: (bytes: Uint8Array) => string,
  limit: number = LARGEST.text,
): string {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(path, O_PATH);
    const place = describePlace(descriptor);
    if (place.isFile && place.size <= limit && isEnclosed(descriptor, within))
      return digest(readAll(place.path, limit).bytes);
    const { dev, ino, size, mtimeMs, ctimeMs } = fstatSync(descriptor);
    return `unread ${dev} ${ino} ${size} ${mtimeMs} ${ctimeMs}`;
  } catch (error) {
    if (isForUser(error)) throw error;
    throwIfExhausted(error);
    const code = (error as NodeJS.ErrnoException).code;
    return code === 'ENOENT' || code === 'ENOTDIR' ? '' : `unreadable ${code}`;
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

/** Opens a path without an effect on what is there, and gives it to `use` if it lies in the enclosure. */
function openPlace<T>(
  path: string,
  within: Enclosure,
  report: ReportProblem,
  use: (place: Place) => T,
): T | undefined {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(path, O_PATH);
    if (!isEnclosed(descriptor, within)) {
      report(`${path} is skipped: it leads out of its repository; replace the link by a copy.`);
      return undefined;
    }
    return use(describePlace(descriptor));
  } catch (error) {
    if (isForUser(error)) throw error;
    throwIfExhausted(error);
    const code = (error as NodeJS.ErrnoException).code;
    if (code !== 'ENOENT' && code !== 'ENOTDIR')
      report(`${path} is skipped: it cannot be read (${code}); check its permissions and its link target.`);
    return undefined;
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

function describePlace(descriptor: number): Place {
  const status = fstatSync(descriptor);
  return {
    path: `/proc/self/fd/${descriptor}`,
    isFile: status.isFile(),
    isFolder: status.isDirectory(),
    size: status.size,
  };
}

/** Reads a file to its end or to the limit. It may grow meanwhile. */
function readAll(path: string, limit: number): { readonly bytes: Buffer; readonly stamp: FileStamp } {
  const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const status = fstatSync(file);
    const bytes = Buffer.allocUnsafe(Math.min(status.size, limit));
    let length = 0;
    while (length < bytes.length) {
      const more = readSync(file, bytes, length, bytes.length - length, length);
      if (more === 0) break;
      length += more;
    }
    return { bytes: bytes.subarray(0, length), stamp: { modified: status.mtimeMs, size: status.size } };
  } finally {
    closeSync(file);
  }
}

/** Whether an open file lies in one of the folders. The kernel says where it is (proc_pid_fd(5)), so no link can change in between. */
function isEnclosed(descriptor: number, within: Enclosure): boolean {
  return encloses(within, realPathOf(descriptor));
}

/** Whether a path without links lies in one of the folders, or is one. */
export function encloses(within: Enclosure, real: string): boolean {
  const isBelow = (folder: string) => real === folder || real.startsWith(folder === '/' ? '/' : `${folder}/`);
  // Nearly always the folders have no links, and resolving them is the dearest part.
  return within.some(isBelow) || within.some((folder) => isBelow(resolveFolder(folder)));
}

function realPathOf(descriptor: number): string {
  try {
    return decodePath(readlinkSync(`/proc/self/fd/${descriptor}`, { encoding: 'buffer' }));
  } catch (error) {
    throwIfExhausted(error);
    throw new UserError('/proc is not mounted, so links cannot be followed safely: mount it.', {
      cause: error,
    });
  }
}

function resolveFolder(folder: string): string {
  try {
    return realpathSync.native(folder);
  } catch (error) {
    throwIfExhausted(error);
    // A folder that is missing encloses nothing; the empty path is above no other.
    return '\0';
  }
}

/**
 * Whether a path leads out of some folders through links. A link whose target is missing leads to where its target would be.
 *
 * @throws UserError if this process or machine has run out of something
 */
export function leadsOut(path: string, within: Enclosure): boolean {
  return !encloses(within, resolvePath(path));
}

function resolvePath(path: string): string {
  try {
    return realpathSync.native(path);
  } catch (error) {
    throwIfExhausted(error);
  }
  try {
    return resolve(resolveFolder(dirname(path)), readlinkSync(path));
  } catch (error) {
    throwIfExhausted(error);
    return path;
  }
}

/** The words of every line, without comments. */
export function linesOfWords(text: string): string[][] {
  return text
    .split('\n')
    .map((line) => line.replace(/#.*/, '').match(/\S+/g) ?? [])
    .filter((words) => words.length > 0);
}
