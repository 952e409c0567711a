import { type Dirent, readdirSync } from 'node:fs';
import { throwIfExhausted } from './exhaustion.ts';

/**
 * The names in a folder, in no order; empty if it is missing or cannot be read.
 *
 * @throws UserError if this process or machine has run out of something
 */
export function listFolder(path: string): string[] {
  try {
    return readdirSync(path);
  } catch (error) {
    throwIfExhausted(error);
    return [];
  }
}

/** The entries of a folder, like {@link listFolder}. */
export function listEntries(path: string): Dirent[] {
  try {
    return readdirSync(path, { withFileTypes: true });
  } catch (error) {
    throwIfExhausted(error);
    return [];
  }
}
