import { type Dirent, readdirSync } from 'node:fs';

/** The names in a folder, in no order; empty if it is missing or cannot be read. */
export function listFolder(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}

/** The entries of a folder, in no order; empty if it is missing or cannot be read. */
export function listEntries(path: string): Dirent[] {
  try {
    return readdirSync(path, { withFileTypes: true });
  } catch {
    return [];
  }
}
