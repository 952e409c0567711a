import { type Dirent, readdirSync, type Stats, statSync } from 'node:fs';
import { showName } from '../errors/visible-text.ts';
import { throwIfExhausted } from '../files/exhaustion.ts';
import { createPause } from './pause.ts';
import { splitPackageName } from './vdb.ts';

/** A folder of the VDB with the name of a package. */
export interface PackageFolder {
  /** `category/PF` */
  readonly id: string;
  readonly category: string;
  readonly name: string;
  readonly version: string;
  /** The path on this machine. */
  readonly path: string;
  /**
   * Inode and times of the folder, and inode, size and times of CONTENTS, to detect a changed package. Portage changes the
   * times of the folder with every file that it rewrites. Zeros if CONTENTS is missing.
   */
  readonly facts: readonly number[];
}

export interface VdbFolders {
  /** Sorted by `id`. */
  readonly packages: readonly PackageFolder[];
  /** One sentence about each entry that is not a package. */
  readonly problems: readonly string[];
}

/** Lists the folders of a VDB without opening a file. It skips hidden folders and running merges (`-MERGING-foo-1`). */
export async function listVdb(vdb: string): Promise<VdbFolders> {
  const pause = createPause();
  const problems: string[] = [];
  const packages: PackageFolder[] = [];
  for (const categoryEntry of listFolder(vdb) ?? []) {
    await pause();
    const category = categoryEntry.name;
    if (!isPlainName(category) || categoryEntry.isFile()) continue;
    const folder = `${vdb}/${category}`;
    const entries = categoryEntry.isDirectory() ? listFolder(folder) : undefined;
    if (entries === undefined) {
      problems.push(`${showName(folder)} is skipped: it is not a folder that can be read.`);
      continue;
    }
    for (const entry of entries) {
      const pf = entry.name;
      if (!isPlainName(pf) || entry.isFile()) continue;
      const path = `${folder}/${pf}`;
      const split = splitPackageName(pf);
      if (split === undefined)
        problems.push(`${showName(path)} is skipped: its name does not end in a version (PMS 3.2).`);
      else if (!entry.isDirectory())
        problems.push(`${showName(path)} is skipped: it is not a folder; remove it.`);
      else packages.push({ id: `${category}/${pf}`, category, ...split, path, facts: readFacts(path) });
    }
  }
  packages.sort((left, right) => (left.id < right.id ? -1 : 1));
  return { packages, problems };
}

/** Lists several VDBs as one. */
export async function listVdbs(vdbs: readonly string[]): Promise<VdbFolders> {
  const [first, ...others] = vdbs;
  if (first !== undefined && others.length === 0) return listVdb(first);
  const listed: VdbFolders[] = [];
  for (const vdb of vdbs) listed.push(await listVdb(vdb));
  return {
    packages: listed.flatMap(({ packages }) => packages).sort((left, right) => (left.id < right.id ? -1 : 1)),
    problems: listed.flatMap(({ problems }) => problems),
  };
}

const isPlainName = (name: string) => !name.startsWith('.') && !name.startsWith('-');

function listFolder(path: string): Dirent[] | undefined {
  try {
    return readdirSync(path, { withFileTypes: true });
  } catch (error) {
    throwIfExhausted(error);
    return undefined;
  }
}

function readFacts(folder: string): number[] {
  const ofFolder = factsAt(folder);
  const ofContents = factsAt(`${folder}/CONTENTS`);
  return [
    ofFolder?.ino ?? 0,
    ofFolder?.mtimeMs ?? 0,
    ofFolder?.ctimeMs ?? 0,
    ofContents?.ino ?? 0,
    ofContents?.size ?? 0,
    ofContents?.mtimeMs ?? 0,
    ofContents?.ctimeMs ?? 0,
  ];
}

function factsAt(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}
