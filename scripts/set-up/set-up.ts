import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { practiceRoot, privatePackageManager, stateFolder } from '../../server/src/package-manager/home.ts';
import { machineAt } from '../practice-root/dpkg.ts';
import { makePracticeRoot } from '../practice-root/practice-root.ts';
import { provideExampleSources } from './example-sources.ts';
import { providePackageManager } from './private-package-managers.ts';
import { provideRemoteEngine } from './remote-engine.ts';
import { PRACTICE_PACKAGES, provideSystemPackages } from './system-packages.ts';

export interface SetUpOptions {
  /** Whether to install what the tests of editors and of remote trials need too. */
  readonly editor: boolean;
  /** A second practice root, which has more packages; the first one is the same on every machine. */
  readonly wider?: WiderRoot;
}

export interface WiderRoot {
  /** Its name in the state folder. */
  readonly name: string;
  /** Debian packages that are installed; what they need comes with them. */
  readonly packages: readonly string[];
}

/**
 * Installs what is missing: system packages, private package managers, the practice root, the sources of the examples.
 * Takes less than a second when nothing is missing. The sources of the examples are those of the project's folder; elsewhere there are none.
 * Throws an Error with a sentence for the user, MissingPackagesError where the user has to install packages.
 */
export function provideEverything({ editor, wider }: SetUpOptions): void {
  const log = (line: string): void => console.log(line);
  const uid = process.getuid?.() ?? -1;
  // Root's trials run as nobody, who must be able to read the package managers and the practice root.
  process.umask(0o022);
  const home = stateFolder(process.env, uid);
  const examples = resolve('examples');
  const isProject = existsSync(join(examples, 'sources.json'));
  const provideExamples = (downloads: string, distfiles: string): void => {
    if (isProject) provideExampleSources(examples, downloads, distfiles, log);
  };
  const downloads = join(home, 'sources');
  provideSystemPackages(editor, isProject, uid, log);
  if (existsSync('/usr/bin/ebuild') && existsSync('/var/db/pkg')) {
    if (wider !== undefined)
      throw new Error(
        'Install the packages with emerge: on Gentoo trials see this machine, no practice root.',
      );
    if (!existsSync('/usr/bin/pebuild')) providePackageManager('pkgcore', home, log);
    provideExamples(downloads, join(home, 'distfiles'));
    return;
  }
  providePackageManager('portage', home, log);
  providePackageManager('pkgcore', home, log);
  if (editor && isProject) provideRemoteEngine(home, log);
  const mountPoints = [privatePackageManager(home, 'portage'), privatePackageManager(home, 'pkgcore')];
  const provideRoot = (root: string, seeds: readonly string[]): void => {
    if (makePracticeRoot({ machine: machineAt(''), root, seeds, mountPoints }))
      log(`Made the practice root ${root} from the packages that set-up names and what they need`);
    provideExamples(downloads, join(root, 'var/cache/distfiles'));
  };
  provideRoot(practiceRoot(home), PRACTICE_PACKAGES);
  if (wider !== undefined) provideRoot(join(home, wider.name), [...PRACTICE_PACKAGES, ...wider.packages]);
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
