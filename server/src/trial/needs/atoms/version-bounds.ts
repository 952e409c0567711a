import type { RootState } from '../../../host/root-state.ts';
import type { InstalledPackage } from '../../../installed/vdb.ts';
import { parseVersion, startsWithVersion, withoutRevision } from '../../../pms/version.ts';
import type { VersionBound } from '../../../trace/evidence.ts';
import type { ModuleBound } from '../../../trace/process/pkg-config-call.ts';
import { readRootText } from './root-file.ts';

/** What is read of a root to know a module's version. */
export type ModuleFiles = Pick<RootState, 'index' | 'layout' | 'resolver'>;

/**
 * What of the bounds on pkg-config modules holds for the package that brings them: those of modules that have the package's version.
 * A bound on JPEG 62 or on libsystemd of another count means nothing in an atom.
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

/** `Version:` of the module's .pc file; undefined where the package has none. */
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

/** Variables are followed one step, which is as far as real files go. */
function versionInModule(text: string): string | undefined {
  const stated = /^Version:[ \t]*(\S+)/m.exec(text)?.[1];
  const variable = /^\$\{(\w+)\}$/.exec(stated ?? '')?.[1];
  return variable === undefined
    ? stated
    : new RegExp(`^${variable}[ \\t]*=[ \\t]*(\\S+)`, 'm').exec(text)?.[1];
}

/**
 * Whether upstream's number is the version that the package is known by: the same, or one of them goes on where the other ends (a date
 * after it, a third number that upstream leaves out).
 */
export function isVersionOf({ version }: InstalledPackage, upstream: string): boolean {
  const number = /^\d+(\.\d+)*[a-z]?(?![a-z])/.exec(upstream)?.[0];
  const theirs = number === undefined ? undefined : parseVersion(number);
  const ours = parseVersion(version);
  if (theirs === undefined || ours === undefined) return false;
  const plain = { ...withoutRevision(ours), suffixes: [] };
  return startsWithVersion(plain, theirs) || startsWithVersion(theirs, plain);
}
