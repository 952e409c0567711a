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
  close(): Promise<void>;
}

/** Enough for the last error of a C++ compiler with all candidates that it lists. */
const TAIL_BYTES = 256 * 1024;

export function openBuildLog(path: string): BuildLog {
  const stream: WriteStream = createWriteStream(path, { mode: 0o644 });
  let failure: NodeJS.ErrnoException | undefined;
  stream.on('error', (error) => {
    failure ??= error;
  });
  let kept: Uint8Array[] = [];
  let size = 0;
  const write = (chunk: Uint8Array) => {
    if (failure === undefined) stream.write(chunk);
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
    failure: () => failure,
    close: () => new Promise((resolve) => (failure === undefined ? stream.end(() => resolve()) : resolve())),
  };
}
