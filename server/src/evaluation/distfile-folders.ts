import { join, posix } from 'node:path';
import { locateOnMachine, type RootLayout } from '../installed/root-layout.ts';
import { parseSettings } from '../repository/profile/make-defaults.ts';
import { readListFile } from '../repository/profile/profile.ts';
import { rootEnclosure } from '../repository/repository.ts';

/** Portage's default, and that of Portage before 2.3.65. */
const DEFAULTS = ['/var/cache/distfiles', '/usr/portage/distfiles'];

/**
 * The folders of distfiles as paths of this machine, in the order in which they are searched: those that make.conf names, since
 * "ebuild FILE fetch" downloads into them, the defaults of Portage, and that of the state folder.
 */
export function distfileFolders(layout: RootLayout, home: string): string[] {
  const ofRoot = [...configuredFolders(layout.path), ...DEFAULTS];
  const places = ofRoot.map((path) => locateOnMachine(layout, path) ?? join(layout.path, path));
  return [...new Set([...places, join(home, 'distfiles')])];
}

/** DISTDIR and PORTAGE_RO_DISTDIRS of make.conf (make.conf(5)), as paths in the root. What only bash can expand is left out. */
function configuredFolders(root: string): string[] {
  const read = (path: string): string => readListFile(join(root, path), rootEnclosure(root), () => undefined);
  const { values } = parseSettings(['etc/make.conf', 'etc/portage/make.conf'].map(read).join('\n'));
  const folders = [values.get('DISTDIR') ?? '', ...(values.get('PORTAGE_RO_DISTDIRS') ?? '').split(/\s+/)];
  // `..` does not lead out of the root.
  return folders.filter((folder) => folder.startsWith('/')).map((folder) => posix.resolve('/', folder));
}
