import { readdirSync } from 'node:fs';

/** The names in a folder, in no order; none where it cannot be read or is not there. */
export function listFolder(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}
