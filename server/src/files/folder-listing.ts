import { type Dirent, readdirSync } from 'node:fs';

/** The names in a folder, in no order; none where it cannot be read or is not there. */
export function listFolder(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}

/** What is in a folder, in no order; nothing where it cannot be read or is not there. */
export function listEntries(path: string): Dirent[] {
  try {
    return readdirSync(path, { withFileTypes: true });
  } catch {
    return [];
  }
}
