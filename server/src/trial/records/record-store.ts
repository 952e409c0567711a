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
      replaceFile(pathOf(name), encodeRecord(stored), { durable: true });
      return name;
    },
    prune(limit) {
      removeLeftovers(folder);
      return removeLeastRecent(list('').map(pathOf), limit);
    },
  };
}
