import { existsSync } from 'node:fs';
import { posix } from 'node:path';
import type { EbuildLocation } from '../../repository/ebuild-location.ts';
import type { MachineTree } from './machine-tree.ts';

/**
 * What a trial reads of a repository besides the ebuild's package: eclasses, profiles, the settings of metadata/layout.conf, and the virtuals that may
 * stand for a package. The tens of thousands of other ebuilds stay here.
 */
const PARTS = ['eclass', 'profiles', 'metadata/layout.conf', 'licenses', 'virtual', 'app-alternatives'];

/** Adds repositories, and the ebuild's package. @param repositories as paths of this machine */
export function addRepositories(
  tree: MachineTree,
  repositories: readonly string[],
  { repository, category, packageName }: EbuildLocation,
): void {
  for (const folder of new Set([...repositories, repository]))
    for (const part of PARTS) {
      const path = posix.join(folder, part);
      if (existsSync(path)) tree.add(path);
    }
  tree.addFolder(
    posix.join(repository, category, packageName),
    ({ path }) => !posix.basename(path).startsWith('.'),
  );
}
