import { createWriteStream, type WriteStream } from 'node:fs';

/** The whole output of a trial's builds on disk, with its last part in memory. */
export interface BuildLog {
  readonly path: string;
  write(chunk: Uint8Array): void;
  note(line: string): void;
  /** Starts the output of another build: the part in memory is emptied. */
  startBuild(title: string): void;
  /** The end of the current build's output as text. */
  tail(): string;
  /** The error that made the log unwritable, such as a full disk; undefined if there was none. */
  failure(): NodeJS.ErrnoException | undefined;
  /**
   * The log of builds that run beside those of this one. Each of them is written into the same file as a whole: when it has ended, and none
   * is being written to this one.
   */
  branch(): BuildLog;
  /** The current build has ended. */
  flush(): void;
  close(): Promise<void>;
}

/** Enough for the last error of a C++ compiler with all candidates that it lists. */
const TAIL_BYTES = 256 * 1024;

/** The file of a log, with whatever must wait until the build that is being written to it has ended. */
interface LogFile {
  readonly path: string;
  readonly stream: WriteStream;
  failure: NodeJS.ErrnoException | undefined;
  /** Whether a build is being written to it. */
  isBusy: boolean;
  waiting: Uint8Array[];
}

export function openBuildLog(path: string): BuildLog {
  const stream = createWriteStream(path, { mode: 0o644 });
  const file: LogFile = { path, stream, failure: undefined, isBusy: false, waiting: [] };
  stream.on('error', (error) => {
    file.failure ??= error;
  });
  const write = (chunk: Uint8Array) => {
    file.isBusy = true;
    if (file.failure === undefined) stream.write(chunk);
  };
  return createLog(file, write, () => writeWaiting(file));
}

/** A log whose build is kept in memory until it has ended; the limit of output holds for it too. */
function branchOf(file: LogFile): BuildLog {
  let chunks: Uint8Array[] = [];
  return createLog(
    file,
    (chunk) => void chunks.push(chunk),
    () => {
      file.waiting.push(...chunks);
      chunks = [];
      if (!file.isBusy) writeWaiting(file);
    },
  );
}

function writeWaiting(file: LogFile): void {
  file.isBusy = false;
  const { waiting } = file;
  file.waiting = [];
  if (file.failure === undefined) for (const chunk of waiting) file.stream.write(chunk);
}

function createLog(file: LogFile, store: (chunk: Uint8Array) => void, flush: () => void): BuildLog {
  let kept: Uint8Array[] = [];
  let size = 0;
  const write = (chunk: Uint8Array) => {
    store(chunk);
    kept.push(chunk);
    size += chunk.length;
    while (size > TAIL_BYTES && kept.length > 1) size -= kept.shift()?.length ?? 0;
  };
  const note = (line: string) => write(Buffer.from(`${line}\n`));
  return {
    path: file.path,
    write,
    note,
    startBuild(title) {
      kept = [];
      size = 0;
      note(`=== ${title}`);
    },
    tail: () => Buffer.concat(kept).toString('utf8'),
    failure: () => file.failure,
    branch: () => branchOf(file),
    flush,
    close() {
      flush();
      return new Promise((resolve) =>
        file.failure === undefined ? file.stream.end(() => resolve()) : resolve(),
      );
    },
  };
}
