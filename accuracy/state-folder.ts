import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What is killed with the program may go on writing for a moment. */
const REMOVE = { recursive: true, force: true, maxRetries: 30, retryDelay: 100 };

/** In the real state folder: the practice root that has what the projects need; the one of the tests stays as it is. */
export const MEASURE_ROOT = 'accuracy-root';

/** Of the real state folder, by the names that they have here: what takes long to make and is only read. */
const SHARED = { 'package-managers': 'package-managers', root: MEASURE_ROOT, distfiles: 'distfiles' };

/** A state folder in which nothing is kept of earlier trials, and a copy of the overlay that every user can read. */
export interface MeasureFolder {
  readonly home: string;
  readonly overlay: string;
  remove(): void;
}

/** @param state the real state folder, with what `npm run set-up` has made */
export function openMeasureFolder(state: string, overlay: string): MeasureFolder {
  const path = mkdtempSync(join(tmpdir(), 'ebuild-audit-accuracy-'));
  chmodSync(path, 0o755);
  const home = join(path, 'home');
  mkdirSync(home);
  for (const [name, shared] of Object.entries(SHARED)) {
    if (existsSync(join(state, shared))) symlinkSync(join(state, shared), join(home, name));
  }
  cpSync(overlay, join(path, 'overlay'), { recursive: true });
  openToOthers(join(path, 'overlay'));
  return { home, overlay: join(path, 'overlay'), remove: () => rmSync(path, REMOVE) };
}

/** A checkout may be closed to others, and when root starts a trial an unprivileged user builds. */
function openToOthers(folder: string): void {
  chmodSync(folder, 0o755);
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) openToOthers(path);
    else chmodSync(path, 0o644);
  }
}
