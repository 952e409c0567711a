import { closeSync, constants, fstatSync, openSync, readdirSync, readSync } from 'node:fs';

/** Larger files are not texts of a repository. In bytes. */
const LARGEST = 8 * 2 ** 20;

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
 * Reads a regular file in one go, without waiting for a pipe.
 *
 * @returns undefined if it is missing; also, with a report, if it is unreadable, too large or not a regular file
 */
export function readRegularFile(
  path: string,
  report: ReportProblem,
): { readonly bytes: Buffer; readonly stamp: FileStamp } | undefined {
  let file: number | undefined;
  try {
    file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const status = fstatSync(file);
    if (status.isDirectory()) return undefined;
    if (!status.isFile()) {
      report(`${path} is skipped: it is not a regular file; remove it.`);
      return undefined;
    }
    if (status.size > LARGEST) {
      report(`${path} is skipped: it is larger than ${LARGEST / 2 ** 20} MiB; remove it.`);
      return undefined;
    }
    const bytes = Buffer.allocUnsafe(status.size);
    let length = 0;
    while (length < bytes.length) {
      const more = readSync(file, bytes, length, bytes.length - length, length);
      if (more === 0) break;
      length += more;
    }
    return { bytes: bytes.subarray(0, length), stamp: { modified: status.mtimeMs, size: status.size } };
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code !== 'ENOENT' && code !== 'ENOTDIR')
      report(`${path} is skipped: it cannot be read (${code}); check its permissions and its link target.`);
    return undefined;
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

/** The file's text as UTF-8; undefined under the same conditions as {@link readRegularFile}. */
export function readText(path: string, report: ReportProblem): string | undefined {
  return readRegularFile(path, report)?.bytes.toString('utf8');
}

/**
 * The names in a folder without hidden ones, sorted; empty if it is not a folder, or, with a report, cannot be read.
 */
export function listFolder(path: string, report: ReportProblem): readonly string[] {
  try {
    return readdirSync(path)
      .filter((name) => !name.startsWith('.'))
      .sort();
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code !== 'ENOENT' && code !== 'ENOTDIR')
      report(`${path} is skipped: it cannot be read (${code}); check its permissions and its link target.`);
    return [];
  }
}

/** The words of every line, without comments. */
export function linesOfWords(text: string): string[][] {
  return text
    .split('\n')
    .map((line) => line.replace(/#.*/, '').match(/\S+/g) ?? [])
    .filter((words) => words.length > 0);
}
