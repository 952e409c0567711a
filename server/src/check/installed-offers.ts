import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { readInstalledPackage } from '../installed/vdb.ts';
import { listVdb } from '../installed/vdb-folder.ts';
import { type InstalledOffers, offersOf } from './knowledge.ts';

/** So many packages are read between two turns of the event loop: about five milliseconds. */
const PACKAGES_A_TURN = 40;

/**
 * Reads what is installed in a root, without the files of the packages, in slices that keep no keystroke waiting.
 *
 * @returns with the sentences about entries of the VDB that were skipped
 */
export async function readInstalledOffers(
  root: string,
): Promise<{ readonly offers: InstalledOffers; readonly problems: readonly string[] }> {
  const { packages, problems } = listVdb(join(root, 'var/db/pkg'));
  const installed = [];
  for (const [index, folder] of packages.entries()) {
    if (index % PACKAGES_A_TURN === 0) await nextTurn();
    installed.push(readInstalledPackage(folder.path, folder.category, folder));
  }
  return { offers: offersOf(installed), problems };
}
