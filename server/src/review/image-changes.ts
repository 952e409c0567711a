import type { InstalledImage, TrialRecord } from '../audit/record.ts';
import { packageVariables } from '../ebuild/package-variables.ts';

/** How the images of two versions of a package differ. */
export interface ImageChanges {
  readonly added: readonly InstalledPlace[];
  readonly removed: readonly InstalledPlace[];
  /** The libraries whose DT_SONAME is another one. */
  readonly sonames: readonly { readonly before: string; readonly after: string }[];
  /** The libraries of other packages that files of one image link (DT_NEEDED), and none of the other. */
  readonly newlyLinked: readonly LinkedLibrary[];
  readonly noLongerLinked: readonly LinkedLibrary[];
}

/** A file, or a folder that stands for its files. */
export interface InstalledPlace {
  readonly path: string;
  /** The number of files in the folder; absent for a file. */
  readonly files?: number;
}

/** A library and the first file that links it. */
export interface LinkedLibrary {
  readonly soname: string;
  readonly path: string;
}

/** Limit in files up to which the files of a new folder are named one by one. */
const FEW_FILES = 4;

/**
 * Compares what two versions install. A path in which only the version of the package, or that of a library's file, is another one is the same.
 *
 * @returns undefined if one of the records has no list of files, or nothing differs
 */
export function compareInstalled(before: TrialRecord, after: TrialRecord): ImageChanges | undefined {
  if (before.installed === undefined || after.installed === undefined) return undefined;
  const [old, now] = [describeImage(before, before.installed), describeImage(after, after.installed)];
  const changes: ImageChanges = {
    added: collapse(listOnly(now, old), now, old),
    removed: collapse(listOnly(old, now), old, now),
    sonames: pairSonames(old, now),
    newlyLinked: listLinked(now, old),
    noLongerLinked: listLinked(old, now),
  };
  return Object.values(changes).some(({ length }) => length > 0) ? changes : undefined;
}

interface Image extends InstalledImage {
  readonly paths: ReadonlySet<string>;
  /** The files and their folders, each without its version. */
  readonly neutral: ReadonlySet<string>;
  neutralise(path: string): string;
  readonly sonames: ReadonlySet<string>;
  readonly needed: ReadonlySet<string>;
}

function describeImage({ category, packageAndVersion }: TrialRecord, installed: InstalledImage): Image {
  const { PV = '', PVR = '' } = packageVariables(category, packageAndVersion);
  const neutralise = createNeutraliser([PVR, PV]);
  const { files, elf } = installed;
  const neutral = new Set(files.flatMap((path) => [path, ...foldersOf(path)]).map(neutralise));
  const sonames = new Set(elf.flatMap(({ soname }) => soname ?? []));
  return {
    ...installed,
    paths: new Set(files),
    neutral,
    neutralise,
    sonames,
    needed: new Set(elf.flatMap(({ needed }) => needed)),
  };
}

/** The function that takes versions of the package, and those behind `.so`, out of a path. */
function createNeutraliser(versions: readonly string[]): (path: string) => string {
  const known = versions.filter((version) => version !== '').map(escapePattern);
  const version =
    known.length === 0 ? undefined : new RegExp(`(?<=[-_/.])(?:${known.join('|')})(?!\\.?[0-9])`, 'g');
  return (path) => {
    const unversioned = version === undefined ? path : path.replace(version, '*');
    return unversioned.replace(/\.so(?:\.[0-9*]+)+$/, '.so');
  };
}

function escapePattern(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

/** The folders of a path below the root, the innermost first. */
function foldersOf(path: string): string[] {
  const folders: string[] = [];
  for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1))
    folders.push(path.slice(0, end));
  return folders;
}

function listOnly(here: Image, there: Image): string[] {
  return here.files.filter((path) => !there.paths.has(path) && !there.neutral.has(here.neutralise(path)));
}

/** Lists the paths, or in place of many files the topmost folder that the other image does not have. */
function collapse(paths: readonly string[], here: Image, there: Image): InstalledPlace[] {
  const byTop = new Map<string, string[]>();
  for (const path of paths) {
    const isNew = (folder: string) => !there.neutral.has(here.neutralise(folder));
    const top = foldersOf(path).findLast(isNew) ?? path;
    const known = byTop.get(top);
    if (known === undefined) byTop.set(top, [path]);
    else known.push(path);
  }
  return [...byTop].flatMap(([top, files]): InstalledPlace[] =>
    files.length > FEW_FILES ? [{ path: `${top}/`, files: files.length }] : files.map((path) => ({ path })),
  );
}

/** Pairs the libraries of both images whose names are the same up to their versions. */
function pairSonames(old: Image, now: Image): ImageChanges['sonames'] {
  const stemOf = (soname: string) => soname.replace(/(?:[-.]?[0-9.]+)?\.so(?:\.[0-9.]+)?$/, '');
  const gone = [...old.sonames].filter((soname) => !now.sonames.has(soname)).sort();
  const come = [...now.sonames].filter((soname) => !old.sonames.has(soname)).sort();
  return gone.flatMap((before) =>
    come.filter((after) => stemOf(after) === stemOf(before)).map((after) => ({ before, after })),
  );
}

/** Lists the libraries of other packages that only this image links. */
function listLinked(here: Image, there: Image): LinkedLibrary[] {
  const sonames = [...here.needed].filter((soname) => !there.needed.has(soname) && !here.sonames.has(soname));
  return sonames.sort().flatMap((soname) => {
    const user = here.elf.find(({ needed }) => needed.includes(soname));
    return user === undefined ? [] : [{ soname, path: user.path }];
  });
}
