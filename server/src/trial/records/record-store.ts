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

/** Records of trials, each in a file of its own in one folder. Several processes may use it at once. */
export interface RecordStore {
  /** The names of the records that begin with a text. */
  list(start: string): readonly string[];
  /** Undefined where there is no such record (any more). */
  read(name: string): ReadRecord | undefined;
  /** Notes that a record was of use, so that pruning spares it. */
  touch(name: string): void;
  remove(name: string): void;
  /**
   * Writes a record whole or not at all, even when the power fails.
   *
   * @returns its name
   * @throws what the file system says
   */
  write(stored: StoredTrial): string;
  /** Removes the records that were of use longest ago until the rest has no more than `limit` bytes. Throws nothing. */
  prune(limit: number): Pruned;
}

/** Nobody takes that long to write a record, in milliseconds. */
const LONGEST_WRITING = 60 * 60_000;

/** Opens a store. @param folder made when something is first written */
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
        // Another user's, or gone.
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
      for (const path of unfinished) if (isForgotten(path)) rmSync(path, { force: true });
      return removeLeastRecent(names.filter((name) => name.endsWith('.record')).map(pathOf), limit);
    },
  };
}

function isForgotten(path: string): boolean {
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats !== undefined && Date.now() - stats.mtimeMs > LONGEST_WRITING;
}

/** After this a power cut cannot undo a renaming (fsync(2)). */
function syncFolder(folder: string): void {
  const descriptor = openSync(folder, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
