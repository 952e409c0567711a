import { createHash } from 'node:crypto';
import { packageId } from '../pms/package-id.ts';
import { inTurns, type NamedPaths } from './named-paths.ts';
import type { RootState } from './root-state.ts';

/**
 * Makes a digest of who owns the paths that a run named, there or missing. A merge can give an owner to a file that it does not write, as with
 * a protected configuration file (CONFIG_PROTECT, PMS 13.3.3), and a view that hides the owner then hides the file.
 */
export async function digestOwners(
  { present, absent }: Pick<NamedPaths, 'present' | 'absent'>,
  { layout, index }: Pick<RootState, 'layout' | 'index'>,
): Promise<string> {
  const hash = createHash('sha256');
  const tops = layout.folders.flatMap(({ source, over = [], target }) =>
    [source, ...over].map((place) => ({ place, target })),
  );
  const locate = (folder: string): string | undefined => {
    const top = tops.find(({ place }) => place === folder || folder.startsWith(`${place}/`));
    return top && top.target + folder.slice(top.place.length);
  };
  for (const part of [present, absent]) {
    await inTurns(Object.keys(part).sort(), (folder) => {
      const inRoot = locate(folder);
      if (inRoot === undefined) return;
      for (const name of part[folder] ?? []) {
        const path = `${inRoot}/${name}`;
        const owners = index.ownersOf(path);
        // A folder that a package records can be hidden, and any other cannot.
        const isRecorded = owners.length === 0 && index.packagesInFolder(path).length > 0;
        if (owners.length === 0 && !isRecorded) continue;
        hash.update(`${path} ${owners.map((owner) => packageId(owner.package)).join(' ')}\n`);
      }
    });
  }
  return hash.digest('hex');
}
