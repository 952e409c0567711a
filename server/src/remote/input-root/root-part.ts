import { existsSync, realpathSync } from 'node:fs';
import { posix } from 'node:path';
import type { RootState } from '../../host/root-state.ts';
import type { InstalledPackage } from '../../installed/vdb.ts';
import { packageId } from '../../pms/package-id.ts';
import type { Choose, MachineEntry, MachineTree } from './machine-tree.ts';

/** The part of a root that travels. */
export interface RootPartInput {
  readonly root: RootState;
  /** The installed packages whose files travel. */
  readonly provided: ReadonlySet<InstalledPackage>;
  /** Folders of this machine below those of the root that are not part of it, such as repositories: real paths. */
  readonly except: ReadonlySet<string>;
}

/** The folders of /var that a view shows; see `describeShownRoot`. */
const VDB = 'db/pkg';
const STATE_OF_PORTAGE = 'lib/portage';

/** What a trial reads of the record of a package that no view shows, so that it can name the package. */
const OF_HIDDEN_RECORD = new Set(['CONTENTS', 'IUSE', 'PDEPEND', 'RDEPEND', 'SLOT', 'USE', 'repository']);

/**
 * Adds a root: the files of the provided packages and those that nobody owns. Of all other packages only the records, the folders and the links are
 * added, so that each path means the same as here.
 */
export function addRoot(tree: MachineTree, { root, provided, except }: RootPartInput): void {
  const { layout, index } = root;
  // Where they lead is among the folders; so is what lies outside of the root, behind a link such as ROOT/usr → /usr.
  for (const path of [
    ...layout.links.map((link) => link.path),
    ...layout.folders.map(({ target }) => target),
  ])
    tree.addLinks(posix.join(layout.path, path));
  for (const { target, source } of layout.folders) {
    const place = realpathSync(source);
    const inRoot = (path: string) => target + path.slice(place === '/' ? 0 : place.length);
    const closed = new Set<string>();
    const choose: Choose = (entry) => {
      const { path, kind } = entry;
      if (except.has(path) || closed.has(posix.dirname(path))) return false;
      if (kind === 'folder' && !isOpen(entry)) closed.add(path);
      if (kind === 'folder' || kind === 'link') return true;
      const owners = index.ownersOf(inRoot(path));
      const travels = owners.length === 0 || owners.some((owner) => provided.has(owner.package));
      return travels && isPublic(entry);
    };
    if (target !== '/var') tree.addFolder(source, choose);
    else {
      const vdb = posix.join(source, VDB);
      if (existsSync(vdb)) tree.addFolder(vdb, chooseRecords(provided, realpathSync(vdb)));
      tree.addFolder(posix.join(source, STATE_OF_PORTAGE), choose);
    }
  }
}

function chooseRecords(provided: ReadonlySet<InstalledPackage>, vdb: string): Choose {
  const ids = new Set([...provided].map(packageId));
  return ({ path, kind }) => {
    if (kind !== 'file') return kind === 'folder';
    const [category = '', name = ''] = path.slice(vdb.length + 1).split('/');
    return ids.has(`${category}/${name}`) || OF_HIDDEN_RECORD.has(posix.basename(path));
  };
}

/** Whether every user can read a file. What only root can read, such as passwords and keys, stays on this machine; a build sees it nowhere. */
function isPublic({ mode }: MachineEntry): boolean {
  return (mode & 0o004n) !== 0n;
}

/** Whether every user can enter a folder; likewise. */
function isOpen({ mode }: MachineEntry): boolean {
  return (mode & 0o001n) !== 0n;
}
