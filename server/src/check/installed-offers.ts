import { readInstalledPackages } from '../installed/installation.ts';
import { type InstalledOffers, offersOf } from './knowledge.ts';

/**
 * Reads the packages that are installed in a root, without their files, in slices that do not delay keystrokes.
 *
 * @param cacheFolder the cache that trials keep of the root
 * @returns with the sentences about entries of the VDB that were skipped
 */
export async function readInstalledOffers(
  root: string,
  cacheFolder: string,
): Promise<{ readonly offers: InstalledOffers; readonly problems: readonly string[] }> {
  const { packages, problems } = await readInstalledPackages(root, cacheFolder);
  return { offers: offersOf(packages), problems };
}
