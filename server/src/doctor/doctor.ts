import { chooseRoot, unpackRoot } from '../host/find-world.ts';
import { type Answer, type Check, isolate, ok } from './check.ts';
import { checkKernel, checkNamespaces, checkOverlay, checkSandbox, checkSeccomp } from './kernel-checks.ts';
import { checkBubblewrap, checkHelper, checkPackageManager, checkPkgcheck } from './program-checks.ts';
import {
  checkEclasses,
  checkIndex,
  checkOwnRepository,
  checkProfile,
  checkRepositories,
  checkRoot,
} from './root-checks.ts';
import { checkState } from './state-check.ts';
import type { DoctorWorld } from './world.ts';

/** In milliseconds. Gentoo's repository is read, or the helper compiled, in half of it on a slow machine. */
const LONG_PATIENCE = 60_000;

/** In milliseconds. The root may be an image that is unpacked first. */
const UNPACKING_PATIENCE = 60 * 60_000;

/**
 * Looks at everything that Ebuild Audit needs, one thing after another. What can only repeat a problem is left out. Never
 * rejects.
 */
export async function examine(world: DoctorWorld): Promise<readonly Check[]> {
  const checks: Check[] = [];
  /** @returns whether there is no problem */
  const add = async (
    name: string,
    ask: () => Answer | Promise<Answer>,
    patience?: number,
  ): Promise<boolean> => {
    const check = await isolate(name, ask, patience);
    checks.push(check);
    return check.state !== 'problem';
  };
  const { versions, file } = world;
  await add('Ebuild Audit', () => ok(versions.product));
  await add('Node', () => ok(versions.node));
  await add('Kernel', () => checkKernel(world));
  await add('User namespaces', () => checkNamespaces(world));
  await add('Overlayfs', () => checkOverlay(world));
  await add('Seccomp', () => checkSeccomp(world));
  await add('Bubblewrap', () => checkBubblewrap(world));
  const hasHelper = await add('Helper', () => checkHelper(world), LONG_PATIENCE);
  let home: string | undefined;
  await add('State folder', () => {
    home = world.makeHome();
    return checkState(home);
  });
  if (home === undefined) return checks;
  const state = home;
  if (hasHelper) await add('Sandbox', () => checkSandbox(world, state));
  let found: string | undefined;
  const findRoot = async () => {
    found = chooseRoot(await unpackRoot(world.settings, state), state);
    return checkRoot(world, found);
  };
  const isRoot = await add('Root', findRoot, UNPACKING_PATIENCE);
  if (found === undefined || !isRoot) return checks;
  const root = found;
  await add('Package manager', () => checkPackageManager(world, root, state));
  await add('Repositories', () => checkRepositories(root));
  await add('Eclasses', () => checkEclasses(root));
  await add('Profile', () => checkProfile(root));
  await add('pkgcheck', () => checkPkgcheck(root, state));
  if (file === undefined) return checks;
  await add("The ebuild's repository", () => checkOwnRepository(root, file));
  await add('Index', () => checkIndex(world, root, file), LONG_PATIENCE);
  return checks;
}
