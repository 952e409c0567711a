import { createHash } from 'node:crypto';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { listFolder } from '../files/folder-listing.ts';
import { type FileTree, machineFiles } from '../installed/file-tree.ts';
import { locateOnMachine, type RootLayout, readRootLayout } from '../installed/root-layout.ts';
import { profileFolder } from '../repository/profile/effective-use.ts';
import { readProfile } from '../repository/profile/profile.ts';
import { readRepository } from '../repository/repository.ts';
import { readRepositories } from './root-state.ts';

/** Limit in levels of folders below etc/portage. */
const DEEPEST_FOLDER = 5;

/** Folders of a root of which every file is an input. */
const CONFIGURED = ['/etc/portage', '/usr/share/portage/config', '/etc/env.d', '/etc/python-exec'];

/** The configuration that a package manager's answers depend on. */
export interface Configuration {
  readonly layout: RootLayout;
  /** Repositories as paths of this machine: the ebuild's own first, then those that the root's repos.conf names. */
  readonly repositories: readonly string[];
  /** Changes with the time or size of any file of the configuration. */
  readonly fingerprint: string;
  /** Time of the last change of such a file or its folder, in milliseconds since the epoch. */
  readonly changed: number;
}

/** Files directly in a `profiles` folder that are for people, or about what may be installed, so that no build and no suggested atom depends on them. */
export const NO_PART_OF_A_BUILD = new Set([
  'arches.desc',
  'desc',
  'info_pkgs',
  'info_vars',
  'license_groups',
  'package.mask',
  'profiles.desc',
  'thirdpartymirrors',
  'updates',
  'use.desc',
  'use.local.desc',
]);

/**
 * Makes a fingerprint of a root's configuration: etc/portage, Portage's defaults, the choices of eselect and env.d, the profile with its
 * parents, and of each repository layout.conf and the files directly in its profiles folder. Unreadable files count as absent.
 *
 * @param repository the ebuild's own repository, as an absolute path of this machine
 */
export async function readConfiguration(
  root: string,
  repository: string,
  files: FileTree = machineFiles,
): Promise<Configuration> {
  const layout = await readRootLayout(files, root);
  const place = (path: string) => locateOnMachine(layout, path) ?? path;
  const repositories = [...new Set([repository, ...(await readRepositories(root)).map(place)])];
  const hash = createHash('sha256');
  let changed = 0;
  const add = (path: string) => {
    try {
      const { mtimeMs, ctimeMs, size } = statSync(path);
      changed = Math.max(changed, ctimeMs);
      hash.update(`${path}\0${mtimeMs}\0${size}\n`);
    } catch {
      // Its line is missing, so the fingerprint shows its absence.
    }
  };
  for (const folder of CONFIGURED) addTree(place(folder), add, 0);
  for (const folder of repositories) {
    add(join(folder, 'metadata/layout.conf'));
    addFiles(join(folder, 'profiles'), add);
  }
  const silent = () => {};
  const named = repositories.flatMap((path) =>
    readRepository(path, silent).names.map((name): [string, string] => [name, path]),
  );
  const profile = profileFolder(root, silent);
  const nodes = profile === undefined ? [] : readProfile(root, profile, new Map(named), silent).nodes;
  for (const node of nodes) addFiles(node, add);
  return { layout, repositories, fingerprint: hash.digest('hex'), changed };
}

function addFiles(folder: string, add: (path: string) => void): void {
  for (const name of listFolder(folder).sort()) if (!NO_PART_OF_A_BUILD.has(name)) add(join(folder, name));
}

function addTree(folder: string, add: (path: string) => void, depth: number): void {
  for (const name of listFolder(folder).sort()) {
    const path = join(folder, name);
    add(path);
    // The profile is a link, and readConfiguration follows it.
    if (depth < DEEPEST_FOLDER && name !== 'make.profile') addTree(path, add, depth + 1);
  }
}
