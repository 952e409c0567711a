import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { provideExampleSources } from '../../scripts/set-up/example-sources.ts';
import { stateFolder } from '../../server/src/package-manager/home.ts';

/** The parts of the real state folder that take long to make and are only read. */
const SHARED = ['package-managers', 'root', 'distfiles'];

/** Processes that are killed with the benchmark may continue to write for a moment. */
const REMOVE = { recursive: true, force: true, maxRetries: 30, retryDelay: 100 };

/**
 * A folder of this benchmark, removed at its end. Other users can read it, because root's trials build as one of
 * them.
 */
export interface BenchFolder {
  readonly path: string;
  /** Upstream's archives, see sources.json. */
  readonly archives: string;
  /** Makes a state folder without data of earlier trials, and makes it that of this process. */
  newStateFolder(): string;
  /** Makes an empty folder below another one; it is removed with this one. */
  newFolder(below: string): string;
  remove(): void;
}

/**
 * Makes the folder, and links the results of `npm run set-up` into each state folder. Throws an Error that says what
 * is missing.
 */
export function openBenchFolder(): BenchFolder {
  const real = stateFolder(process.env, process.geteuid?.() ?? 0);
  const path = mkdtempSync(join(tmpdir(), 'ebuild-audit-bench-'));
  chmodSync(path, 0o755);
  const archives = join(path, 'archives');
  let count = 0;
  const folders = [path];
  const remove = () => {
    for (const folder of folders) rmSync(folder, REMOVE);
  };
  try {
    provideExampleSources('bench/trial', join(real, 'sources'), archives, console.error);
  } catch (error) {
    remove();
    throw error;
  }
  return {
    path,
    archives,
    newStateFolder() {
      const home = join(path, `home-${++count}`);
      mkdirSync(home);
      for (const name of SHARED) {
        if (existsSync(join(real, name))) symlinkSync(join(real, name), join(home, name));
      }
      process.env.EBUILD_AUDIT_HOME = home;
      return home;
    },
    newFolder(below) {
      const folder = mkdtempSync(join(below, 'ebuild-audit-bench-'));
      chmodSync(folder, 0o755);
      folders.push(folder);
      return folder;
    },
    remove,
  };
}
