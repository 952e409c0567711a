import type { RecordedPackage } from '../evidence.ts';
import { isInLibraryFolder, type PathClass } from '../path-class.ts';
import { moduleOf } from '../process/pkg-config-call.ts';
import type { Role } from '../process/role.ts';
import type { FileInView, TraceContext } from '../trace-context.ts';

type NeedsToRun = TraceContext['needsToRun'];

export function isSamePackage(left: RecordedPackage | undefined, right: RecordedPackage): boolean {
  return (
    left !== undefined &&
    left.name === right.name &&
    left.category === right.category &&
    left.version === right.version
  );
}

/**
 * Whether starting a program is the business of the package that acts in the process. This is true of its own programs and of those that it
 * needs in order to run. A script without an owner, and its interpreter, always belong to the ebuild.
 *
 * @param runsOwnScript whether the program is an interpreter whose script belongs to no package
 */
export function isProgramsBusiness(
  role: Role,
  program: RecordedPackage,
  runsOwnScript: boolean,
  needsToRun: NeedsToRun,
): boolean {
  const { acting } = role;
  if (acting === undefined || runsOwnScript) return false;
  return isSamePackage(acting, program) || needsToRun(acting, program);
}

/** Whether a program reads a file that the build does not ask for, while it looks for another one. */
export function isReadBesides({ readsAllMacros, call }: Role, path: string, kind: PathClass): boolean {
  // aclocal(1) reads all macros to learn their names. autom4te later reads those that the build asks for.
  if (readsAllMacros && path.endsWith('.m4')) return true;
  // A module that is not in the arguments of pkg-config is required by another one, or pkgconf(1) looks there for one that provides it.
  return kind === 'pkg-config' && call?.isWhole === true && !call.modules.has(moduleOf(path));
}

/** Whether opening a file is the business of the package whose program opens it, and not a use by the ebuild. */
export function isReadersBusiness(
  role: Role,
  file: FileInView,
  kind: PathClass,
  needsToRun: NeedsToRun,
): boolean {
  const owners = [role.acting, role.image].filter((owner) => owner !== undefined);
  if (owners.some((owner) => isSamePackage(owner, file.package))) return true;
  // An interpreter loads these before its script, such as Python's `.pth`.
  if (role.awaits !== undefined && (kind === 'build-module' || kind === 'data')) return true;
  if (isReadBesides(role, file.path, kind)) return true;
  // Modules, data and plug-ins of packages that a program needs in order to run are its business. Files to build against are not: gcc needs
  // zlib, and `zlib.h` is a use.
  const isBuiltAgainst =
    kind === 'library'
      ? isInLibraryFolder(file.path)
      : kind !== 'build-module' && kind !== 'data' && kind !== 'program';
  return !isBuiltAgainst && owners.some((owner) => needsToRun(owner, file.package));
}
