import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openToOthers } from '../scripts/open-to-others.ts';
import { splitPackageName } from '../server/src/installed/vdb.ts';

/** Retries, because child processes that are being killed may still write for a moment. */
const REMOVE = { recursive: true, force: true, maxRetries: 30, retryDelay: 100 };

/** The practice root in a state folder, for trials and tests. */
export const PRACTICE_ROOT = 'root';
/** A second practice root in the real state folder, with the packages that the projects need. */
export const MEASURE_ROOT = 'accuracy-root';

/** The parts of the real state folder that take long to make and are only read. */
const SHARED = ['package-managers', 'distfiles'];

/** A state folder without results of earlier trials, and a copy of the overlay that every user can read. */
export interface MeasureFolder {
  readonly home: string;
  readonly overlay: string;
  /** Whether the root of the trials has a package. @param name `category/name`, perhaps with a slot or `:=` */
  hasPackage(name: string): boolean;
  remove(): void;
}

/**
 * @param state the real state folder, after `npm run set-up`
 * @param root the name of the practice root for the trials
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
  return {
    home,
    overlay: join(path, 'overlay'),
    hasPackage(atom) {
      const [category = '', name = ''] = atom.replace(/:.*/, '').split('/');
      const folder = join(state, root, 'var/db/pkg', category);
      return existsSync(folder) && readdirSync(folder).some((pf) => splitPackageName(pf)?.name === name);
    },
    remove: () => rmSync(path, REMOVE),
  };
}

/**
 * Lets the builds of the measurement compile with little optimization, which takes less time and changes no dependency. Without any, the tests
 * of some projects take minutes.
 *
 * @param root folder of a practice root
 */
export function compileQuickly(root: string): void {
  const file = join(root, 'etc/portage/make.conf');
  const settings = readFileSync(file, 'utf8');
  const flags = ['CFLAGS', 'CXXFLAGS'].map((name) => `${name}="-O1 -pipe"\n`).join('');
  if (!settings.endsWith(flags)) writeFileSync(file, `${settings}${flags}`);
}
