import { join } from 'node:path';
import { listEntries } from '../../../files/folder-listing.ts';
import type { InstalledPackage } from '../../../installed/vdb.ts';
import { readVdbFile } from '../../../installed/vdb.ts';
import type { VersionBound } from '../../../trace/evidence.ts';
import { type FoundPackage, readCmakeCache, readCmakeChecks, readConfigVersion } from './cmake-checks.ts';
import { type NamedBound, readMesonChecks, readMesonVariables, type Variables } from './meson-checks.ts';
import { readRootText } from './root-file.ts';
import { isVersionOf, keepPackageBounds, type ModuleFiles } from './version-bounds.ts';

/** A version of an installed package that the sources' own check asks for. */
export interface VersionCheck {
  readonly package: InstalledPackage;
  readonly bound: VersionBound;
}

/** Limits in files, in bytes of one file and in bytes of all, because a build may write anything. */
const MOST_FILES = 50_000;
const LARGEST_FILE = 4 * 2 ** 20;
const MOST_BYTES = 64 * 2 ** 20;

/**
 * Reads the versions that Meson's `dependency()` and CMake's `find_package()` ask for. Those of configure scripts are known from the
 * arguments of pkg-config. Links are not followed; unreadable files are skipped.
 *
 * @param layers folders of this machine with the files that a build wrote, the topmost last
 */
export function readVersionChecks(layers: readonly string[], root: ModuleFiles): VersionCheck[] {
  const meson: Stated[] = [];
  const cmake: Stated[] = [];
  const found = new Map<string, FoundPackage>();
  // A folder comes before its subfolders, so the variables of the file above are known.
  const mesonVariables = new Map<string, Variables>();
  for (const { name, path, text } of readDescriptions(layers)) {
    const state = (bounds: readonly NamedBound[]) =>
      bounds.map((bound) => ({ ...bound, statedBy: `${path}:${bound.line}` }));
    if (name === 'meson.build') {
      const folder = path.slice(0, -name.length);
      const above = mesonVariables.get(folder.replace(/[^/]+\/$/, ''));
      meson.push(...state(readMesonChecks(text, above)));
      mesonVariables.set(folder, readMesonVariables(text, above));
    } else if (name === 'CMakeCache.txt')
      for (const cached of readCmakeCache(text)) found.set(cached.name, cached);
    else cmake.push(...state(readCmakeChecks(text)));
  }
  return [...checkMeson(meson, root), ...checkCmake(cmake, found, root)];
}

interface Stated extends NamedBound {
  readonly statedBy: string;
}

function checkMeson(stated: readonly Stated[], root: ModuleFiles): VersionCheck[] {
  return stated.flatMap(({ name, operator, version, statedBy }) => {
    const owner = findModuleOwner(name, root);
    if (owner === undefined) return [];
    const kept = keepPackageBounds(owner, [{ module: name, operator, version, statedBy }], root);
    return kept.map((bound) => ({ package: owner, bound }));
  });
}

function checkCmake(
  stated: readonly Stated[],
  found: ReadonlyMap<string, FoundPackage>,
  root: ModuleFiles,
): VersionCheck[] {
  const checks: VersionCheck[] = [];
  for (const { name, files, version: foundVersion, wanted } of found.values()) {
    const bounds = stated.filter((bound) => bound.name === name);
    if (bounds.length === 0 && wanted === undefined) continue;
    const place = findOwner(files, root);
    if (place === undefined) continue;
    const version = foundVersion ?? readVersionBeside(place.path, root);
    // The check means nothing in an atom if the package counts its versions in another way.
    if (version === undefined || !isVersionOf(place.owner, version)) continue;
    for (const { operator, version: asked, statedBy } of bounds)
      checks.push({ package: place.owner, bound: { operator, version: asked, statedBy } });
    if (wanted !== undefined && !bounds.some((bound) => bound.version === wanted)) {
      const statedBy = `find_package(${name} ${wanted})`;
      checks.push({ package: place.owner, bound: { operator: '>=', version: wanted, statedBy } });
    }
  }
  return checks;
}

function findModuleOwner(module: string, root: ModuleFiles): InstalledPackage | undefined {
  const files = listModuleFolders(root).map((folder) => `${folder}/${module}.pc`);
  return findOwner(files, root)?.owner;
}

const moduleFolders = new WeakMap<ModuleFiles['index'], readonly string[]>();

function listModuleFolders({ index }: ModuleFiles): readonly string[] {
  const folders =
    moduleFolders.get(index) ?? [...index.folders()].filter((path) => path.endsWith('/pkgconfig'));
  moduleFolders.set(index, folders);
  return folders;
}

function findOwner(
  files: readonly string[],
  { index, resolver }: ModuleFiles,
): { readonly owner: InstalledPackage; readonly path: string } | undefined {
  for (const file of files) {
    const { path, links } = resolver.resolve(file);
    for (const step of [path, ...links]) {
      const owner = index.ownerOf(step)?.package;
      if (owner !== undefined) return { owner, path };
    }
  }
  return undefined;
}

/** Reads the version file beside a package configuration file (cmake-packages(7)). */
function readVersionBeside(path: string, root: ModuleFiles): string | undefined {
  const stem = /^(.*?)(-c|C)onfig\.cmake$/.exec(path);
  if (stem === null) return undefined;
  const [, base = '', style] = stem;
  return readConfigVersion(
    readRootText(style === 'C' ? `${base}ConfigVersion.cmake` : `${base}-config-version.cmake`, root),
  );
}

interface Description {
  readonly name: string;
  /** Path below the source folder, as a build log shows it. */
  readonly path: string;
  readonly text: string;
}

const WANTED = /^(meson\.build|CMakeCache\.txt|CMakeLists\.txt|.+\.cmake)$/;

function* readDescriptions(layers: readonly string[]): Iterable<Description> {
  let room = MOST_BYTES;
  for (const layer of layers) {
    for (const path of listFiles(layer)) {
      const name = path.slice(path.lastIndexOf('/') + 1);
      if (!WANTED.test(name) || room <= 0) continue;
      const bytes = readVdbFile(join(layer, path));
      if (bytes === undefined || bytes.length > LARGEST_FILE) continue;
      room -= bytes.length;
      yield { name, path: path.replace(/^work\/[^/]+\//, ''), text: bytes.toString('utf8') };
    }
  }
}

/** Lists the files below a folder, as paths relative to it. */
function* listFiles(top: string): Iterable<string> {
  let seen = 0;
  const folders = [''];
  for (const folder of folders) {
    for (const entry of listEntries(join(top, folder))) {
      if (++seen > MOST_FILES) return;
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory()) folders.push(path);
      else if (entry.isFile()) yield path;
    }
  }
}
