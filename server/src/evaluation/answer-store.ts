import { mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { replaceFile } from '../files/replace-file.ts';

/** Stores answers of a package manager between runs. Each is a file that is named by a digest of the question. */
export interface AnswerStore {
  /** The stored answer; undefined if there is none or its file is damaged. */
  read(key: string): unknown;
  /** Stores an answer. Errors are ignored, because the next run can ask again. */
  write(key: string, answer: unknown): void;
}

/** If a folder has this many answers, the older half is removed. */
const MOST_ANSWERS = 2000;

/**
 * Opens a store.
 *
 * @param folder made when the first answer is written
 */
export function openAnswerStore(folder: string): AnswerStore {
  const fileOf = (key: string) => join(folder, `${key}.json`);
  return {
    read(key) {
      try {
        return JSON.parse(readFileSync(fileOf(key), 'utf8'));
      } catch {
        return undefined;
      }
    },
    write(key, answer) {
      try {
        mkdirSync(folder, { recursive: true, mode: 0o755 });
        makeRoom(folder);
        replaceFile(fileOf(key), JSON.stringify(answer));
      } catch {
        // The next run asks again.
      }
    },
  };
}

function makeRoom(folder: string): void {
  const names = readdirSync(folder);
  if (names.length < MOST_ANSWERS) return;
  const byAge = names
    .map((name) => join(folder, name))
    .map((path) => ({ path, time: statSync(path).mtimeMs }))
    .sort((left, right) => left.time - right.time);
  for (const { path } of byAge.slice(0, MOST_ANSWERS / 2)) rmSync(path, { force: true });
}
