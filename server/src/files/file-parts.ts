import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';

/** In bytes. */
const PART = 4 * 2 ** 20;

/**
 * Reads a regular file in parts. Each part is valid until the next one is asked for.
 *
 * @throws an error if it is a link (open(2), O_NOFOLLOW) or no regular file, and that of the file system
 */
export function* readFileParts(path: string): Generator<Uint8Array> {
  const descriptor = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    if (!fstatSync(descriptor).isFile()) throw new Error(`${path} is no regular file`);
    const buffer = Buffer.alloc(PART);
    for (;;) {
      const count = readSync(descriptor, buffer);
      if (count === 0) return;
      yield buffer.subarray(0, count);
    }
  } finally {
    closeSync(descriptor);
  }
}
