import { readInstalledPackages } from '../installed/installation.ts';
import { type InstalledOffers, offersOf } from './knowledge.ts';

/**
 * Reads what is installed in a root, without the files of the packages, in slices that keep no keystroke waiting.
 *
 * @param cacheFolder where trials keep what they read of the root
 * @returns with the sentences about entries of the VDB that were skipped
 */
export async function readInstalledOffers(
  root: string,
  cacheFolder: string,
): Promise<{ readonly offers: InstalledOffers; readonly problems: readonly string[] }> {
  const { packages, problems } = await readInstalledPackages(root, cacheFolder);
  return { offers: offersOf(packages), problems };
}
