import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { practiceRoot, privatePackageManager, stateFolder } from '../../server/src/package-manager/home.ts';
import { makePracticeRoot } from '../practice-root/practice-root.ts';
import { provideExampleSources } from './example-sources.ts';
import { providePackageManager } from './private-package-managers.ts';
import { provideSystemPackages } from './system-packages.ts';

export interface SetUpOptions {
  /** Whether to install what the editor's test needs too. */
  readonly editor: boolean;
}

/**
 * Installs what is missing: system packages, private package managers, the practice root, the sources of the examples.
 * Runs in the project's folder; takes less than a second when nothing is missing.
 * Throws an Error with a sentence for the user, MissingPackagesError where the user has to install packages.
 */
export function provideEverything({ editor }: SetUpOptions): void {
  const log = (line: string): void => console.log(line);
  const uid = process.getuid?.() ?? -1;
  // Root's trials run as nobody, who must be able to read the package managers and the practice root.
  process.umask(0o022);
  const home = stateFolder(process.env, uid);
  const downloads = join(home, 'sources');
  provideSystemPackages(editor, uid, log);
  if (existsSync('/usr/bin/ebuild') && existsSync('/var/db/pkg')) {
    if (!existsSync('/usr/bin/pebuild')) providePackageManager('pkgcore', home, log);
    provideExampleSources(resolve('examples'), downloads, join(home, 'distfiles'), log);
    return;
  }
  providePackageManager('portage', home, log);
  providePackageManager('pkgcore', home, log);
  const root = practiceRoot(home);
  const mountPoints = [privatePackageManager(home, 'portage'), privatePackageManager(home, 'pkgcore')];
  if (makePracticeRoot({ machine: '', root, mountPoints }))
    log(`Made the practice root ${root} from dpkg's database`);
  provideExampleSources(resolve('examples'), downloads, join(root, 'var/cache/distfiles'), log);
}

/** {@link provideEverything}, with what went wrong printed. Resolves with whether all is ready. */
export async function setUp(options: SetUpOptions): Promise<boolean> {
  try {
    provideEverything(options);
    return true;
  } catch (error) {
    console.error(`set-up: ${error instanceof Error ? error.message : String(error)}`);
    return false;
  }
}
