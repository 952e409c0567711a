import { randomUUID } from 'node:crypto';
import {
  closeSync,
  fchmodSync,
  fchownSync,
  fsyncSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFile,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

export interface ReplaceOptions {
  /** Whether the new content survives a power cut after the call has returned; writing then waits for the disk. */
  readonly durable?: boolean;
  /** The permissions of the file, independent of the umask. Absent: 0644 minus the umask. */
  readonly mode?: number;
  /** Only the user root can give files away. */
  readonly owner?: { readonly uid: number; readonly gid: number };
}

/**
 * Writes a file in one step: a reader finds either all of the old content or all of the new. The content is written
 * to a file beside it with an unpredictable name, which is then renamed. A link at `path` is replaced by a file.
 *
 * @param path in a folder that exists
 * @throws the error of the file system; the file is then unchanged, and nothing is left beside it
 */
export function replaceFile(path: string, content: string | Uint8Array, options: ReplaceOptions = {}): void {
  const draft = openDraft(path, options);
  try {
    writeFileSync(draft.descriptor, content);
    draft.finish();
  } catch (error) {
    draft.discard();
    throw error;
  }
}

/** Like {@link replaceFile}, for large content: other work runs between the parts. */
export async function replaceFileByParts(
  path: string,
  parts: Iterable<Uint8Array>,
  options: ReplaceOptions = {},
): Promise<void> {
  const draft = openDraft(path, options);
  try {
    for (const part of parts) await writeAll(draft.descriptor, part);
    draft.finish();
  } catch (error) {
    draft.discard();
    throw error;
  }
}

/**
 * Writes all of a part at the present position, because it gets a descriptor (fs.writeFile, "Using fs.writeFile()
 * with file descriptors").
 */
const writeAll = promisify<number, Uint8Array, void>(writeFile);

/** A file that is being written beside the one that it will replace. */
interface Draft {
  readonly descriptor: number;
  /** Renames it to the file. */
  finish(): void;
  /** Removes it. Throws nothing. */
  discard(): void;
}

function openDraft(path: string, { durable = false, mode, owner }: ReplaceOptions): Draft {
  const beside = `${path}.${randomUUID()}${SUFFIX}`;
  // `x` neither opens an existing file nor follows a link. Content with restricted permissions is never readable for
  // others.
  const descriptor = openSync(beside, 'wx', mode === undefined ? 0o644 : 0o600);
  let isOpen = true;
  const close = (): void => {
    if (!isOpen) return;
    // The descriptor is closed even if close reports an error (close(2)).
    isOpen = false;
    closeSync(descriptor);
  };
  return {
    descriptor,
    finish() {
      // A change of owner clears set-user-ID bits (chown(2)), so the mode comes last.
      if (owner !== undefined) fchownSync(descriptor, owner.uid, owner.gid);
      if (mode !== undefined) fchmodSync(descriptor, mode);
      if (durable) fsyncSync(descriptor);
      close();
      renameSync(beside, path);
      if (durable) syncFolder(dirname(path));
    },
    discard() {
      try {
        close();
      } catch {
        // The first error says more.
      }
      try {
        rmSync(beside, { force: true });
      } catch {
        // Likewise.
      }
    },
  };
}

/** Makes a rename durable, so that a power cut cannot undo it (fsync(2)). */
function syncFolder(folder: string): void {
  const descriptor = openSync(folder, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

const SUFFIX = '.tmp';

/** The maximum time that writing a file takes, in milliseconds. */
const LONGEST_WRITING = 60 * 60_000;

/**
 * Removes the drafts of processes that were killed while they wrote. Throws nothing.
 *
 * @param start the beginning of the names of the files that may have been written
 */
export function removeLeftovers(folder: string, start = ''): void {
  try {
    const names = readdirSync(folder).filter((name) => name.startsWith(start) && name.endsWith(SUFFIX));
    for (const path of names.map((name) => join(folder, name)))
      if (isAbandoned(path)) rmSync(path, { force: true });
  } catch {
    // Another process removes them too, or they belong to another user.
  }
}

function isAbandoned(path: string): boolean {
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats !== undefined && Date.now() - stats.mtimeMs > LONGEST_WRITING;
}
