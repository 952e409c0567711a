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

/** In a state folder: the practice root that trials see, and that of the tests. */
export const PRACTICE_ROOT = 'root';
/** In the real state folder: one that has what the projects need besides; that of the tests stays as it is. */
export const MEASURE_ROOT = 'accuracy-root';

/** Of the real state folder: what takes long to make and is only read. */
const SHARED = ['package-managers', 'distfiles'];

/** A state folder in which nothing is kept of earlier trials, and a copy of the overlay that every user can read. */
export interface MeasureFolder {
  readonly home: string;
  readonly overlay: string;
  remove(): void;
}

/**
 * @param state the real state folder, with what `npm run set-up` has made
 * @param root the practice root in it that trials are to see
 */
export function openMeasureFolder(state: string, root: string, overlay: string): MeasureFolder {
  const path = mkdtempSync(join(tmpdir(), 'ebuild-audit-accuracy-'));
  chmodSync(path, 0o755);
  const home = join(path, 'home');
  mkdirSync(home);
  const shared = [...SHARED.map((name) => [name, name] as const), [PRACTICE_ROOT, root] as const];
  for (const [name, from] of shared) {
    if (existsSync(join(state, from))) symlinkSync(join(state, from), join(home, name));
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
