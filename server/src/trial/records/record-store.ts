import { randomUUID } from 'node:crypto';
import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { listFolder } from '../../files/folder-listing.ts';
import { type Pruned, removeLeastRecent } from '../../host/least-recent.ts';
import {
  decodeRecord,
  encodeRecord,
  nameOfRecord,
  type ReadRecord,
  type StoredTrial,
} from './record-file.ts';

/** The records of trials, each in its own file in one folder. Several processes may use it at once. */
export interface RecordStore {
  /** Lists the names of the records that begin with a text. */
  list(start: string): readonly string[];
  /** @returns undefined if there is no such record (any more) */
  read(name: string): ReadRecord | undefined;
  /** Marks a record as used, so that pruning spares it. */
  touch(name: string): void;
  remove(name: string): void;
  /**
   * Writes a record as a whole or not at all, even if the power fails.
   *
   * @returns its name
   * @throws an error of the file system
   */
  write(stored: StoredTrial): string;
  /** Removes the least recently used records until the rest has no more than `limit` bytes. Throws nothing. */
  prune(limit: number): Pruned;
}

/** Age in milliseconds at which an unfinished file was left by a process that is gone. */
const LONGEST_WRITING = 60 * 60_000;

/** Opens a store. @param folder made by the first `write` */
export function openRecordStore(folder: string): RecordStore {
  const pathOf = (name: string) => join(folder, name);
  const list = (start: string) =>
    listFolder(folder).filter((name) => name.startsWith(start) && name.endsWith('.record'));
  return {
    list,
    read(name) {
      try {
        return decodeRecord(readFileSync(pathOf(name)));
      } catch (error) {
        return (error as NodeJS.ErrnoException).code === 'ENOENT' ? undefined : { kind: 'damaged' };
      }
    },
    touch(name) {
      try {
        const now = new Date();
        utimesSync(pathOf(name), now, now);
      } catch {
        // It belongs to another user, or is gone.
      }
    },
    remove: (name) => rmSync(pathOf(name), { force: true }),
    write(stored) {
      mkdirSync(folder, { recursive: true, mode: 0o755 });
      const name = nameOfRecord(stored);
      const unfinished = pathOf(`${name}.${randomUUID()}.tmp`);
      try {
        const file = openSync(unfinished, 'wx', 0o644);
        try {
          writeFileSync(file, encodeRecord(stored));
          fsyncSync(file);
        } finally {
          closeSync(file);
        }
        renameSync(unfinished, pathOf(name));
      } catch (error) {
        rmSync(unfinished, { force: true });
        throw error;
      }
      syncFolder(folder);
      return name;
    },
    prune(limit) {
      const names = listFolder(folder);
      const unfinished = names.filter((name) => name.endsWith('.tmp')).map(pathOf);
      for (const path of unfinished) if (isAbandoned(path)) rmSync(path, { force: true });
      return removeLeastRecent(names.filter((name) => name.endsWith('.record')).map(pathOf), limit);
    },
  };
}

function isAbandoned(path: string): boolean {
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats !== undefined && Date.now() - stats.mtimeMs > LONGEST_WRITING;
}

/** Makes a renaming permanent, so that a power cut cannot undo it (fsync(2)). */
function syncFolder(folder: string): void {
  const descriptor = openSync(folder, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
