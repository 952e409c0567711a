import { posix } from 'node:path';
import type { FileTree } from './file-tree.ts';

export type EntryType = 'dir' | 'obj' | 'sym' | 'fif' | 'dev';

export interface ContentsEntry {
  readonly type: EntryType;
  readonly path: string;
}

/** One installed package as the VDB (`<root>/var/db/pkg`) records it. */
export interface InstalledPackage {
  readonly category: string;
  readonly name: string;
  /** Version with revision, `PVR` of PMS 11.1. */
  readonly version: string;
  readonly slot: string;
  readonly subslot: string;
  readonly use: readonly string[];
  readonly iuse: readonly string[];
  /** Dependency strings as recorded; USE conditionals may be left in them. */
  readonly rdepend: string;
  readonly pdepend: string;
  readonly contents: readonly ContentsEntry[];
}

/** `category/name-version`, unique among installed packages. */
export function packageId(installed: Pick<InstalledPackage, 'category' | 'name' | 'version'>): string {
  return `${installed.category}/${installed.name}-${installed.version}`;
}

export interface InstalledPackages {
  readonly packages: readonly InstalledPackage[];
  /** Sentences about entries that were skipped, each said once. */
  readonly problems: readonly string[];
}

/** PMS 3.1.2 and 3.2: a package name may not end in a hyphen and a version, so the last possible split is the right one. */
const NAME_AND_VERSION =
  /^(?<name>[A-Za-z0-9+_][A-Za-z0-9+_-]*?)-(?<version>\d+(?:\.\d+)*[a-z]?(?:_(?:alpha|beta|pre|rc|p)\d*)*(?:-r\d+)?)$/;

/** Splits `PF` into name and version with revision, or undefined when it is neither. */
export function splitPackageName(
  pf: string,
): { readonly name: string; readonly version: string } | undefined {
  const groups = NAME_AND_VERSION.exec(pf)?.groups;
  return groups === undefined
    ? undefined
    : { name: groups.name as string, version: groups.version as string };
}

/** Packages being merged or left over (`-MERGING-foo-1`) and hidden files are no packages. */
const isPlainName = (name: string) => !name.startsWith('.') && !name.startsWith('-');

/**
 * Reads every installed package of a root.
 *
 * @returns the packages sorted by {@link packageId}; an entry that cannot be read is skipped and named in `problems`
 */
export async function readInstalledPackages(files: FileTree, root: string): Promise<InstalledPackages> {
  const vdb = posix.join(root, 'var/db/pkg');
  const problems: string[] = [];
  const packages: InstalledPackage[] = [];
  for (const category of (await files.list(vdb)).filter(isPlainName)) {
    const names = (await files.list(posix.join(vdb, category))).filter(isPlainName);
    const read = names.map(async (pf) => {
      const found = await readPackage(files, posix.join(vdb, category, pf), category, pf);
      if (typeof found === 'string') problems.push(found);
      else packages.push(found);
    });
    await Promise.all(read);
  }
  packages.sort((a, b) => (packageId(a) < packageId(b) ? -1 : 1));
  return { packages, problems: problems.sort() };
}

async function readPackage(
  files: FileTree,
  folder: string,
  category: string,
  pf: string,
): Promise<InstalledPackage | string> {
  const split = splitPackageName(pf);
  if (split === undefined) return `${folder} is skipped: its name does not end in a version (PMS 3.2).`;
  const file = (name: string) => files.read(posix.join(folder, name));
  const [contents, slots, use, iuse, rdepend, pdepend] = await Promise.all(
    ['CONTENTS', 'SLOT', 'USE', 'IUSE', 'RDEPEND', 'PDEPEND'].map(file),
  );
  if (contents === undefined)
    return `${folder} is skipped: its CONTENTS cannot be read; reinstall ${category}/${pf}.`;
  const [slot = '0', subslot] = (slots ?? '0').trim().split('/');
  return {
    category,
    name: split.name,
    version: split.version,
    slot,
    subslot: subslot ?? slot,
    use: splitWords(use),
    iuse: splitWords(iuse).map((flag) => flag.replace(/^[+-]/, '')),
    rdepend: rdepend?.trim() ?? '',
    pdepend: pdepend?.trim() ?? '',
    contents: parseContents(contents),
  };
}

const splitWords = (text: string | undefined): string[] =>
  (text ?? '').split(/\s+/).filter((word) => word !== '');

/**
 * Reads a CONTENTS file. Paths may hold spaces and ` -> `: what follows a path is therefore taken from the end of the line
 * (`obj PATH MD5 MTIME`, `sym PATH -> TARGET MTIME`), as Portage does. Lines of another form are passed over.
 */
export function parseContents(text: string): ContentsEntry[] {
  const entries: ContentsEntry[] = [];
  for (const line of text.split('\n')) {
    const type = line.slice(0, 3) as EntryType;
    if (line[3] !== ' ') continue;
    let path: string | undefined;
    if (type === 'obj') path = /^(.+) [0-9a-f]{32} \d+$/.exec(line.slice(4))?.[1];
    else if (type === 'sym') path = /^(.+?) -> .* \d+$/.exec(line.slice(4))?.[1];
    else if (type === 'dir' || type === 'fif' || type === 'dev') path = line.slice(4);
    if (path?.startsWith('/')) entries.push({ type, path });
  }
  return entries;
}
