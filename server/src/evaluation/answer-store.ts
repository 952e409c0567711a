import { mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { replaceFile } from '../files/replace-file.ts';

/** Answers of a package manager that are kept between runs, each in a file that is named by a digest of what was asked. */
export interface AnswerStore {
  /** The answer as it was written; undefined where there is none or its file is damaged. */
  read(key: string): unknown;
  /** Keeps an answer. A store that cannot be written is no reason to fail: then the next run asks again. */
  write(key: string, answer: unknown): void;
}

/** When a folder holds more answers than this, the older half goes. */
const MOST_ANSWERS = 2000;

/** Opens a store. @param folder made when something is first written */
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
        // Said above.
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
    .sort((a, b) => a.time - b.time);
  for (const { path } of byAge.slice(0, MOST_ANSWERS / 2)) rmSync(path, { force: true });
}
