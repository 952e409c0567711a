import { packageVariables } from '../ebuild/package-variables.ts';
import type { NamedPackage } from '../pms/package-name.ts';

/** What the lines of a file of profiles/ have (PMS 4.4, 5.2). */
export type ListForm =
  /** An atom first, as in package.mask. */
  | 'packages'
  /** `category/name-version`, as in package.provided. */
  | 'versions'
  /** An atom, and flags after it, as in package.use.mask. */
  | 'package-flags'
  /** Flags, as in use.mask. */
  | 'flags'
  /** `flag - description`, as in use.desc. */
  | 'flag-descriptions'
  /** `category/name:flag - description`: use.local.desc. */
  | 'package-flag-descriptions'
  /** Assignments: make.defaults. */
  | 'settings'
  /** Folders of other profiles: parent. */
  | 'parents'
  /** An architecture, a profile and its state: profiles.desc. */
  | 'profiles'
  | 'eapi'
  /** Words that only mean themselves, as in categories. */
  | 'words';

/** A file of a repository beside its ebuilds and eclasses. */
export type RepositoryFile =
  | { readonly kind: 'metadata'; readonly owner: NamedPackage }
  | { readonly kind: 'manifest'; readonly owner: NamedPackage }
  /** An entry of metadata/md5-cache, and the ebuild that it is of. */
  | { readonly kind: 'cache'; readonly owner: NamedPackage; readonly version: string }
  /** A file of profiles/. `group` is the USE_EXPAND group of a file in desc/, in lower case. */
  | { readonly kind: 'list'; readonly form: ListForm; readonly group?: string };

const FORMS: Readonly<Record<string, ListForm>> = {
  'package.mask': 'packages',
  'package.unmask': 'packages',
  'package.deprecated': 'packages',
  'package.keywords': 'packages',
  'package.accept_keywords': 'packages',
  'package.provided': 'versions',
  packages: 'packages',
  'packages.build': 'packages',
  info_pkgs: 'packages',
  updates: 'packages',
  'package.use': 'package-flags',
  'package.use.force': 'package-flags',
  'package.use.mask': 'package-flags',
  'package.use.stable': 'package-flags',
  'package.use.stable.force': 'package-flags',
  'package.use.stable.mask': 'package-flags',
  'use.force': 'flags',
  'use.mask': 'flags',
  'use.stable': 'flags',
  'use.stable.force': 'flags',
  'use.stable.mask': 'flags',
  'use.desc': 'flag-descriptions',
  'use.local.desc': 'package-flag-descriptions',
  'make.defaults': 'settings',
  parent: 'parents',
  eapi: 'eapi',
  categories: 'words',
  'arch.list': 'words',
  'arches.desc': 'words',
  'profiles.desc': 'profiles',
  thirdpartymirrors: 'words',
  info_vars: 'words',
};

/**
 * Says what a file is by its path alone (PMS 4). Total.
 *
 * @returns undefined for an ebuild, an eclass, and every other file
 */
export function repositoryFileAt(path: string): RepositoryFile | undefined {
  const names = path.split('/').filter((name) => name !== '');
  const [above = '', folder = '', file = ''] = names.slice(-3);
  if (file === 'metadata.xml') return { kind: 'metadata', owner: { category: above, name: folder } };
  if (file === 'Manifest') return { kind: 'manifest', owner: { category: above, name: folder } };
  if (above === 'md5-cache') {
    const { PN, PVR } = packageVariables(folder, file);
    if (PN === undefined || PVR === undefined) return undefined;
    return { kind: 'cache', owner: { category: folder, name: PN }, version: PVR };
  }
  const profiles = names.lastIndexOf('profiles');
  if (profiles < 0 || profiles === names.length - 1) return undefined;
  if (folder === 'desc' && file.endsWith('.desc'))
    return { kind: 'list', form: 'flag-descriptions', group: file.slice(0, -'.desc'.length) };
  // A list may be a folder of lists (PMS 5.2.5: from EAPI 7 on).
  const form = formOf(file) ?? (profiles < names.length - 2 ? formOf(folder) : undefined);
  return form && { kind: 'list', form };
}

function formOf(name: string): ListForm | undefined {
  return Object.hasOwn(FORMS, name) ? FORMS[name] : undefined;
}
