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

/** How deep below etc/portage files are looked for. */
const DEEPEST_FOLDER = 5;

/** Folders of a root in which every file counts. */
const CONFIGURED = ['/etc/portage', '/usr/share/portage/config', '/etc/env.d', '/etc/python-exec'];

/** The configuration that a package manager's answers depend on. */
export interface Configuration {
  readonly layout: RootLayout;
  /** Where repositories lie on this machine: the ebuild's own first, then those that the root's repos.conf names. */
  readonly repositories: readonly string[];
  /** Another one after any file of the configuration has changed, by time or size. */
  readonly fingerprint: string;
  /** When a file of it, or a folder with such files, was last changed; milliseconds since the epoch. */
  readonly changed: number;
}

/** Files directly in a `profiles` folder that describe packages to people, or say what may be installed: no build depends on them. */
const NO_PART_OF_A_BUILD = new Set([
  'arches.desc',
  'desc',
  'info_pkgs',
  'info_vars',
  'license_groups',
  'package.deprecated',
  'package.mask',
  'profiles.desc',
  'thirdpartymirrors',
  'updates',
  'use.desc',
  'use.local.desc',
]);

/**
 * Takes the fingerprint of a root's configuration: etc/portage, Portage's defaults, what is chosen with eselect and env.d, the profile with its
 * parents, and each repository's layout.conf and the files directly in its profiles folder. Unreadable files count as absent.
 *
 * @param repository the ebuild's own, as an absolute path of this machine
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
      // Its absence is part of the fingerprint, as its line is missing.
    }
  };
  for (const folder of CONFIGURED) addTree(place(folder), add, 0);
  for (const one of repositories) {
    add(join(one, 'metadata/layout.conf'));
    addFiles(join(one, 'profiles'), add);
  }
  const silent = () => {};
  const named = repositories.flatMap((path) =>
    readRepository(path, silent).names.map((name): [string, string] => [name, path]),
  );
  const profile = profileFolder(root, silent);
  const nodes = profile === undefined ? [] : readProfile(profile, new Map(named), silent).nodes;
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
    // The profile is followed on its own; a link may lead anywhere.
    if (depth < DEEPEST_FOLDER && name !== 'make.profile') addTree(path, add, depth + 1);
  }
}
