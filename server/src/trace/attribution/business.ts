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
 * Whether starting a program is the business of the package that acts in the process and not the ebuild's: its own programs, and those
 * that it needs in order to run. A script that no package owns is the ebuild's own, by whichever program it is started, and so is its
 * interpreter.
 *
 * @param runsOwnScript whether the program is an interpreter, and its script belongs to no package
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

/**
 * Whether opening a file is the business of a package whose program does it and not the ebuild's.
 *
 * - A program's own files, and its interpreter's.
 * - Modules, data and plug-ins of the packages that it needs in order to run. Headers, libraries that the linker finds, and descriptions
 *   for pkg-config and cmake are not among them: gcc needs zlib, and `zlib.h` is still a use.
 * - Files that an interpreter loads before its script: start-up files of the system, such as Python's `.pth`.
 * - All macros of a folder, which aclocal(1) reads to learn their names. autom4te reads those again that the build asks for.
 * - A `.pc` file that is not among the arguments of pkg-config: another module requires it.
 */
export function isReadersBusiness(
  role: Role,
  file: FileInView,
  kind: PathClass,
  needsToRun: NeedsToRun,
): boolean {
  const owners = [role.acting, role.image].filter((owner) => owner !== undefined);
  if (owners.some((owner) => isSamePackage(owner, file.package))) return true;
  if (role.awaits !== undefined && (kind === 'build-module' || kind === 'data')) return true;
  if (role.readsAllMacros && file.path.endsWith('.m4')) return true;
  if (kind === 'pkg-config' && role.call?.isWhole && !role.call.modules.has(moduleOf(file.path))) return true;
  const isBuiltAgainst =
    kind === 'library'
      ? isInLibraryFolder(file.path)
      : kind !== 'build-module' && kind !== 'data' && kind !== 'program';
  return !isBuiltAgainst && owners.some((owner) => needsToRun(owner, file.package));
}
