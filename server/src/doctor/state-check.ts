import { accessSync, constants, statfsSync } from 'node:fs';
import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type Answer, ok, problem, warning } from './check.ts';

const GIB = 2 ** 30;

/** Below this, a trial of a middling package may fill the disk. */
const LITTLE_ROOM = 2 * GIB;

/** In milliseconds. The snapshots of builds can have a million files. */
const LONGEST_WALK = 5000;

export async function checkState(home: string): Promise<Answer> {
  try {
    accessSync(home, constants.W_OK);
  } catch {
    return problem(`${home} cannot be written`, 'set EBUILD_AUDIT_HOME to a folder that you may write to');
  }
  const { bavail, bsize } = statfsSync(home);
  const room = bavail * bsize;
  const { bytes, isWhole } = await measure(home);
  const found = `${home}, ${isWhole ? '' : 'more than '}${inGib(bytes)}; ${inGib(room)} are free`;
  return room < LITTLE_ROOM
    ? warning(found, 'ebuild-audit prune, or set EBUILD_AUDIT_HOME to a folder on a larger disk')
    : ok(found);
}

async function measure(top: string): Promise<{ readonly bytes: number; readonly isWhole: boolean }> {
  const end = performance.now() + LONGEST_WALK;
  const folders = [top];
  let bytes = 0;
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    for (const entry of await readdir(folder, { withFileTypes: true }).catch(() => [])) {
      if (performance.now() > end) return { bytes, isWhole: false };
      const path = join(folder, entry.name);
      if (entry.isDirectory()) folders.push(path);
      // In blocks, because of sparse files.
      else bytes += ((await lstat(path).catch(() => undefined))?.blocks ?? 0) * 512;
    }
  }
  return { bytes, isWhole: true };
}

const inGib = (bytes: number): string => `${(bytes / GIB).toFixed(1)} GiB`;
