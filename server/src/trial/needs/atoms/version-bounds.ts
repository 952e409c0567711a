import type { RootState } from '../../../host/root-state.ts';
import type { InstalledPackage } from '../../../installed/vdb.ts';
import { parseVersion, startsWithVersion, withoutRevision } from '../../../pms/version.ts';
import type { VersionBound } from '../../../trace/evidence.ts';
import type { ModuleBound } from '../../../trace/process/pkg-config-call.ts';
import { readRootText } from './root-file.ts';

/** The part of a root in which the versions of modules are found. */
export type ModuleFiles = Pick<RootState, 'index' | 'layout' | 'resolver'>;

/**
 * Keeps the bounds on pkg-config modules that have the version of their package. A module may count differently, as JPEG 62 of
 * media-libs/libjpeg-turbo does, and then its bound means nothing in an atom.
 */
export function keepPackageBounds(
  installed: InstalledPackage,
  bounds: readonly ModuleBound[],
  root: ModuleFiles,
): VersionBound[] {
  const versions = new Map<string, string | undefined>();
  return bounds
    .filter(({ module }) => {
      if (!versions.has(module)) versions.set(module, readModuleVersion(installed, module, root));
      const version = versions.get(module);
      return version !== undefined && isVersionOf(installed, version);
    })
    .map(({ operator, version, statedBy }) => ({ operator, version, statedBy }));
}

/** Reads `Version:` of the module's .pc file; undefined if the package does not have that file. */
function readModuleVersion(
  installed: InstalledPackage,
  module: string,
  root: ModuleFiles,
): string | undefined {
  for (const { path } of root.index.filesOf(installed)) {
    if (path.endsWith(`/pkgconfig/${module}.pc`)) return versionInModule(readRootText(path, root));
  }
  return undefined;
}

/** Follows one variable, which is enough for real files. */
function versionInModule(text: string): string | undefined {
  const stated = /^Version:[ \t]*(\S+)/m.exec(text)?.[1];
  const variable = /^\$\{(\w+)\}$/.exec(stated ?? '')?.[1];
  return variable === undefined
    ? stated
    : new RegExp(`^${variable}[ \\t]*=[ \\t]*(\\S+)`, 'm').exec(text)?.[1];
}

/**
 * Whether upstream's number is the version of the package: the same, or one of them continues the other, for example with a date, or with a
 * third number that upstream leaves out.
 */
export function isVersionOf({ version }: InstalledPackage, upstream: string): boolean {
  const number = /^\d+(\.\d+)*[a-z]?(?![a-z])/.exec(upstream)?.[0];
  const theirs = number === undefined ? undefined : parseVersion(number);
  const ours = parseVersion(version);
  if (theirs === undefined || ours === undefined) return false;
  const plain = { ...withoutRevision(ours), suffixes: [] };
  return startsWithVersion(plain, theirs) || startsWithVersion(theirs, plain);
}
