import { mkdirSync, readFileSync, rmSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { listFolder } from '../../files/folder-listing.ts';
import { removeLeftovers, replaceFile } from '../../files/replace-file.ts';
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
      replaceFile(pathOf(name), encodeRecord(stored), { durable: true });
      return name;
    },
    prune(limit) {
      removeLeftovers(folder);
      return removeLeastRecent(list('').map(pathOf), limit);
    },
  };
}
