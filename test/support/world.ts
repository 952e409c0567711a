import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseEbuild } from '../../server/src/ebuild/facts.ts';
import { DEFAULT_STORAGE } from '../../server/src/host/find-world.ts';
import type { TrialWorld } from '../../server/src/host/world.ts';
import { findPackageManager } from '../../server/src/package-manager/find.ts';
import { practiceRoot, stateFolder } from '../../server/src/package-manager/home.ts';
import { chooseIdentity, createBubblewrapSandbox } from '../../server/src/sandbox/bubblewrap.ts';
import { findHelper, helperPlaces } from '../../server/src/sandbox/helper.ts';
import { bash } from '../ebuild/bash.ts';
import { findInPath } from './requirement.ts';

export const project = fileURLToPath(new URL('../..', import.meta.url));

const uid = process.geteuid?.() ?? 0;
export const home = stateFolder(process.env, uid);
/** The machine itself if it is Gentoo, else the practice root. */
export const root = existsSync('/var/db/pkg') ? '/' : practiceRoot(home);

/** A sentence about the part that the set-up has not provided, or undefined. */
export function missingForTrials(name: 'portage' | 'pkgcore' = 'portage'): string | undefined {
  if (!existsSync(`${root}/var/db/pkg`)) return 'there is no root with a VDB: run "npm run set-up"';
  try {
    findPackageManager(root, home, name);
  } catch (error) {
    return (error as Error).message;
  }
  return findInPath('bwrap') ? undefined : 'bubblewrap is missing: run "npm run set-up"';
}

/** The real world of trials in this process, for tests that look inside. */
export async function createWorld(name: 'portage' | 'pkgcore' = 'portage'): Promise<TrialWorld> {
  const identity = chooseIdentity(uid, readFileSync('/proc/self/uid_map', 'utf8'));
  const helper = await findHelper(
    helperPlaces(new URL('../../server/src/sandbox/helper.ts', import.meta.url).href),
  );
  return {
    rootPath: root,
    home,
    packageManager: findPackageManager(root, home, name),
    sandbox: createBubblewrapSandbox({ helper, identity }),
    buildsAsOther: identity.kind === 'root',
    jobs: 2,
    snapshotBytes: DEFAULT_STORAGE.snapshots,
    readFacts: (text) => parseEbuild(text, bash),
    now: () => performance.now(),
  };
}
