import type { InstalledPackage } from '../../../installed/vdb.ts';
import type { VersionBound } from '../../../trace/evidence.ts';
import { type FoundPackage, readConfigVersion } from '../../reading/cmake-checks.ts';
import type { DescribedVersions, Stated } from '../../reading/described-versions.ts';
import { readRootText } from './root-file.ts';
import { isVersionOf, keepPackageBounds, type ModuleFiles } from './version-bounds.ts';

/** A version of an installed package that the sources' own check asks for. */
export interface VersionCheck {
  readonly package: InstalledPackage;
  readonly bound: VersionBound;
}

/**
 * Finds the installed packages of the versions.
 *
 * @param read files of the root that the build read: CMake reads the version file of a package that it refuses, and says nothing of it
 */
export function checkVersions(
  { meson, cmake, found }: DescribedVersions,
  root: ModuleFiles,
  read: readonly string[] = [],
): VersionCheck[] {
  return [...checkMeson(meson, root), ...checkCmake(cmake, found, root), ...checkRefused(cmake, read, root)];
}

const VERSION_FILE = /\/([^/]+?)(?:-config-version|ConfigVersion)\.cmake$/;

function checkRefused(stated: readonly Stated[], read: readonly string[], root: ModuleFiles): VersionCheck[] {
  return read.flatMap((path) => {
    const name = VERSION_FILE.exec(path)?.[1]?.toLowerCase();
    const bounds = stated.filter((bound) => bound.name.toLowerCase() === name);
    const owner = bounds.length === 0 ? undefined : root.index.ownerOf(path)?.package;
    const version = owner && readConfigVersion(readRootText(path, root));
    if (owner === undefined || version === undefined || !isVersionOf(owner, version)) return [];
    return bounds.map(({ operator, version: asked, statedBy }) => ({
      package: owner,
      bound: { operator, version: asked, statedBy },
    }));
  });
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
  found: readonly FoundPackage[],
  root: ModuleFiles,
): VersionCheck[] {
  const checks: VersionCheck[] = [];
  const statedFor = new Map<string, Stated[]>();
  for (const bound of stated) {
    const known = statedFor.get(bound.name);
    if (known === undefined) statedFor.set(bound.name, [bound]);
    else known.push(bound);
  }
  for (const { name, files, version: foundVersion, wanted } of found) {
    const bounds = statedFor.get(name) ?? [];
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
