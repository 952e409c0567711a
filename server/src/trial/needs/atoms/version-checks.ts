import { join } from 'node:path';
import { listEntries } from '../../../files/folder-listing.ts';
import type { InstalledPackage } from '../../../installed/vdb.ts';
import { readVdbFile } from '../../../installed/vdb.ts';
import type { VersionBound } from '../../../trace/evidence.ts';
import { type FoundPackage, readCmakeCache, readCmakeChecks, readConfigVersion } from './cmake-checks.ts';
import { type NamedBound, readMesonChecks, readMesonVariables, type Variables } from './meson-checks.ts';
import { readRootText } from './root-file.ts';
import { isVersionOf, keepPackageBounds, type ModuleFiles } from './version-bounds.ts';

/** A version that the sources' own check asks of an installed package. */
export interface VersionCheck {
  readonly package: InstalledPackage;
  readonly bound: VersionBound;
}

/** What a build wrote may be anything: so many files are looked at, and so many bytes of one and of all are read. */
const MOST_FILES = 50_000;
const LARGEST_FILE = 4 * 2 ** 20;
const MOST_BYTES = 64 * 2 ** 20;

/**
 * Reads which versions the build descriptions ask of installed packages: meson's `dependency()` and cmake's `find_package()`. What
 * configure asks is in the arguments of pkg-config already. A check counts only where the package that was found has the
 * version that the check speaks of, see {@link isVersionOf}. Links are not followed; what cannot be read is passed over.
 *
 * @param layers folders of this machine that hold, one upon the other, what a build wrote
 */
export function readVersionChecks(layers: readonly string[], root: ModuleFiles): VersionCheck[] {
  const meson: Stated[] = [];
  const cmake: Stated[] = [];
  const found = new Map<string, FoundPackage>();
  // Folders come before what is in them, so that what a file above sets is known.
  const mesonVariables = new Map<string, Variables>();
  for (const { name, path, text } of readDescriptions(layers)) {
    const state = (bounds: readonly NamedBound[]) =>
      bounds.map((bound) => ({ ...bound, statedBy: `${path}:${bound.line}` }));
    if (name === 'meson.build') {
      const folder = path.slice(0, -name.length);
      const above = mesonVariables.get(folder.replace(/[^/]+\/$/, ''));
      meson.push(...state(readMesonChecks(text, above)));
      mesonVariables.set(folder, readMesonVariables(text, above));
    } else if (name === 'CMakeCache.txt') for (const one of readCmakeCache(text)) found.set(one.name, one);
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
  for (const one of found.values()) {
    const asked = stated.filter(({ name }) => name === one.name);
    if (asked.length === 0 && one.wanted === undefined) continue;
    const place = findOwner(one.files, root);
    if (place === undefined) continue;
    const version = one.version ?? readVersionBeside(place.path, root);
    if (version === undefined || !isVersionOf(place.owner, version)) continue;
    for (const { operator, version: wanted, statedBy } of asked)
      checks.push({ package: place.owner, bound: { operator, version: wanted, statedBy } });
    if (one.wanted !== undefined && !asked.some((bound) => bound.version === one.wanted)) {
      const statedBy = `find_package(${one.name} ${one.wanted})`;
      checks.push({ package: place.owner, bound: { operator: '>=', version: one.wanted, statedBy } });
    }
  }
  return checks;
}

function findModuleOwner(module: string, root: ModuleFiles): InstalledPackage | undefined {
  const files = modulefolders(root).map((folder) => `${folder}/${module}.pc`);
  return findOwner(files, root)?.owner;
}

const known = new WeakMap<ModuleFiles['index'], readonly string[]>();

function modulefolders({ index }: ModuleFiles): readonly string[] {
  const folders = known.get(index) ?? [...index.folders()].filter((path) => path.endsWith('/pkgconfig'));
  known.set(index, folders);
  return folders;
}

function findOwner(
  files: readonly string[],
  { index, resolver }: ModuleFiles,
): { readonly owner: InstalledPackage; readonly path: string } | undefined {
  for (const file of files) {
    const { path, links } = resolver.resolve(file);
    for (const one of [path, ...links]) {
      const owner = index.ownerOf(one)?.package;
      if (owner !== undefined) return { owner, path };
    }
  }
  return undefined;
}

/** A package configuration file has its version file beside it. */
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
  /** Below the layer, as a reader of the log knows it. */
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

/** Files below a folder, as paths from it. */
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
