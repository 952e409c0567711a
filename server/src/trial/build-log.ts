import { createWriteStream, type WriteStream } from 'node:fs';
import { stripVTControlCharacters } from 'node:util';

/** The whole output of a trial's builds, kept on disk; only the last part is kept in memory. */
export interface BuildLog {
  readonly path: string;
  write(chunk: Uint8Array): void;
  note(line: string): void;
  /** Forgets the remembered part, at the start of another build. */
  startBuild(title: string): void;
  /** The end of the current build's output as text. */
  tail(): string;
  close(): Promise<void>;
}

/** Enough to hold a compiler's last words with all of its candidates. */
const TAIL_BYTES = 256 * 1024;

/** @param onError told once when the log cannot be written any more, e.g. because the disk is full */
export function openBuildLog(path: string, onError: (error: NodeJS.ErrnoException) => void): BuildLog {
  const stream: WriteStream = createWriteStream(path, { mode: 0o644 });
  let failed = false;
  stream.on('error', (error) => {
    if (!failed) onError(error);
    failed = true;
  });
  let kept: Uint8Array[] = [];
  let size = 0;
  const write = (chunk: Uint8Array) => {
    if (!failed) stream.write(chunk);
    kept.push(chunk);
    size += chunk.length;
    while (size > TAIL_BYTES && kept.length > 1) size -= kept.shift()?.length ?? 0;
  };
  const note = (line: string) => write(Buffer.from(`${line}\n`));
  return {
    path,
    write,
    note,
    startBuild(title) {
      kept = [];
      size = 0;
      note(`=== ${title}`);
    },
    tail: () => Buffer.concat(kept).toString('utf8'),
    close: () => new Promise((resolve) => (failed ? resolve() : stream.end(() => resolve()))),
  };
}

/** Every control character but the ends of lines and tabs. */
const CONTROLS = /[^\P{Cc}\n\t]/gu;

/** Removes terminal escapes and control characters, so that a log cannot act on the reader's terminal. */
export function stripEscapes(text: string): string {
  return stripVTControlCharacters(text).replace(CONTROLS, '');
}

const FULL_DISK = /No space left on device|Disk quota exceeded/;

/** The first line of some output that tells of a full disk. Tests of programs provoke it with /dev/full; that does not count. */
export function findFullDisk(output: string): string | undefined {
  return stripEscapes(output)
    .split('\n')
    .find((line) => FULL_DISK.test(line) && !line.includes('/dev/full'))
    ?.trim();
}

const ERROR_LINES: readonly RegExp[] = [
  /\bfatal error: /,
  /^(CMake Error|meson\.build:\d+:\d+: ERROR:|configure: error: )/,
  /^\S+:\d+(:\d+)?: error: /,
  /undefined reference to|cannot find -l|: command not found|: not found$|No such file or directory/,
  /\b[Ee]rror: /,
  /^make(\[\d+\])?: \*\*\* /,
];

/** How Portage begins its report of a `die` (PMS 12.3.3); what the ebuild said is on the next line. */
const DIED = /^\* ERROR: .* failed( \(.*phase\))?:$/;

/** The first line of a failed build's output that looks like the reason, the surest kind of line first. */
export function findFirstError(output: string): string {
  const lines = stripEscapes(output)
    .split('\n')
    .map((line) => line.trim())
    // What configure did not find is an answer to it and no error.
    .filter((line) => line !== '' && !line.startsWith('checking '));
  for (const pattern of ERROR_LINES) {
    const found = lines.find((line) => pattern.test(line));
    if (found !== undefined) return found;
  }
  const died = lines.findIndex((line) => DIED.test(line));
  if (died >= 0) return (lines[died + 1] ?? lines[died] ?? '').replace(/^\* */, '');
  return lines.at(-1) ?? 'the build ended without a word';
}
