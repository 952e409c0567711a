import type { RecordedPackage } from '../evidence.ts';
import { isInLibraryFolder, type PathClass } from '../path-class.ts';
import type { TouchedFile } from '../trace-context.ts';
import { moduleOf } from './pkg-config-call.ts';
import type { Role } from './role.ts';

/** Whether running one package's programs is what makes another package's program run (its RDEPEND closure). */
export type NeedsToRun = (program: RecordedPackage, other: RecordedPackage) => boolean;

export function isSamePackage(one: RecordedPackage | undefined, other: RecordedPackage): boolean {
  return (
    one !== undefined &&
    one.name === other.name &&
    one.category === other.category &&
    one.version === other.version
  );
}

/**
 * Whether starting a program is the business of the package that acts in the process and not the ebuild's: its own programs, and those
 * that it needs in order to run. A script that no package owns is the ebuild's whoever starts it, and so is its interpreter.
 *
 * @param runsOwnScript whether the program is an interpreter, and what it runs belongs to no package
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
 * - Modules, data and plug-ins of what it needs in order to run. Headers, libraries that the linker finds, and descriptions for pkg-config
 *   and cmake are not among them: gcc needs zlib, and `zlib.h` is still a use.
 * - What an interpreter loads before it comes to its script: start-up files of the system, such as Python's `.pth`.
 * - All macros of a folder, which aclocal(1) reads to learn their names. It has autom4te read those again that the build asks for.
 * - A `.pc` file that pkg-config was not asked for: another one requires it.
 */
export function isReadersBusiness(
  role: Role,
  file: TouchedFile,
  kind: PathClass,
  needsToRun: NeedsToRun,
): boolean {
  const owners = [role.acting, role.image].filter((one) => one !== undefined);
  if (owners.some((one) => isSamePackage(one, file.package))) return true;
  if (role.awaits !== undefined && (kind === 'build-module' || kind === 'data')) return true;
  if (role.readsAllMacros && file.path.endsWith('.m4')) return true;
  if (kind === 'pkg-config' && role.call?.isWhole && !role.call.modules.has(moduleOf(file.path))) return true;
  const isBuiltAgainst =
    kind === 'library'
      ? isInLibraryFolder(file.path)
      : kind !== 'build-module' && kind !== 'data' && kind !== 'program';
  return !isBuiltAgainst && owners.some((one) => needsToRun(one, file.package));
}
