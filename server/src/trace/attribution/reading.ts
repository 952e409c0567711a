/** Accesses by which a process learns of files: reading, look-ups, changes that are refused, and listing of folders. */

import type { AccessEvent, NamedPath, Operation } from '../event.ts';
import type { Evidence } from '../evidence.ts';
import { isLibraryFolder, type PathClass } from '../path-class.ts';
import { type ModuleBound, moduleOf } from '../process/pkg-config-call.ts';
import { type TracedProcess, worksForEbuild } from '../process/process-tree.ts';
import { baseName, PHASE_SHELL, type Role } from '../process/role.ts';
import type { PathDescription } from '../trace-context.ts';
import { isReadersBusiness } from './business.ts';
import { noticeHiddenFolder, noticeMissingNames } from './folders.ts';
import { addDenial, type Doing, NO_BOUNDS, noticeUnowned, noticeUse } from './noticing.ts';
import type { AttributionState } from './state.ts';

/**
 * Operations that change something. Nothing of a package can be changed in a build, so that this is not a use of it. But the error says
 * whether the file is there, as a look-up does.
 */
const CHANGES: ReadonlySet<Operation> = new Set([
  'write',
  'rename',
  'link',
  'symlink',
  'unlink',
  'mkdir',
  'attributes',
]);

export function observeAccess(state: AttributionState, process: TracedProcess, event: AccessEvent): void {
  state.tree.access(process, event.path);
  const { operation, result } = event;
  if (process.role.awaits !== undefined && baseName(event.path) === process.role.awaits)
    process.role = { ...process.role, awaits: undefined };
  const end = readPath(state, process, operation === 'open' ? 'read' : 'look-up', event);
  if ((operation === 'link' || operation === 'rename') && event.to !== undefined)
    readDescribed(state, process, 'look-up', event.to, state.context.describePath(event.to));
  if (operation === 'readdir') {
    const folder = event.hops.at(-1) ?? event.path;
    // A program that lists a library folder may open any file in it (Meson reads the header of the first one). The linker opens files by
    // name.
    if (isLibraryFolder(folder)) process.listsLibraries = true;
    noticeMissingNames(state, process, folder);
  } else if (result === 'missing' || CHANGES.has(operation)) noticeHiddenFolder(state, process, end);
  else if (operation === 'open' && result === 'file') noticeUnowned(state, process, 'read', end.unowned);
}

/**
 * Records that a process reads or looks up a path and each path that its links lead to.
 *
 * @returns the description of the last path
 */
export function readPath(
  state: AttributionState,
  process: TracedProcess,
  operation: Evidence['operation'],
  { path, hops }: NamedPath,
): PathDescription {
  let description = state.context.describePath(path);
  readDescribed(state, process, operation, path, description);
  for (const hop of hops) {
    description = state.context.describePath(hop);
    readDescribed(state, process, operation, hop, description);
  }
  return description;
}

function readDescribed(
  state: AttributionState,
  process: TracedProcess,
  operation: Evidence['operation'],
  path: string,
  { files, kind, ambient, meant }: PathDescription,
): void {
  if (files.length === 0) return;
  for (const file of files) if (!file.hidden) state.seen.add(file.package);
  if (!worksForEbuild(process)) return;
  const { role } = process;
  for (const file of meant) {
    // A look-up is not a use, and reading a program does not run it.
    if (!file.hidden && (operation !== 'read' || kind === 'program' || ambient)) continue;
    const isBusiness =
      ambient ||
      isReadersBusiness(role, file, kind, state.context.needsToRun) ||
      // The list lacks the names of hidden files, so the ebuild's files must have named this one.
      (!file.hidden && kind === 'library' && process.listsLibraries);
    if (!file.hidden && isBusiness) continue;
    const doing: Doing = {
      kind,
      operation,
      bounds: kind === 'pkg-config' ? boundsOf(role, path) : NO_BOUNDS,
    };
    if (!file.hidden) noticeUse(state, process, doing, file);
    else addDenial(state, process, doing, file, isBusiness || kind === 'data' || isTyped(process, kind));
  }
}

/**
 * Whether the shell of a phase itself looks for a program, as `type -P` does in eclasses. This is a weak access, but it is recorded: if the
 * ebuild then runs the hidden program, no other access shows it.
 */
function isTyped(process: TracedProcess, kind: PathClass): boolean {
  return kind === 'program' && process.role === PHASE_SHELL;
}

function boundsOf(role: Role, path: string): readonly ModuleBound[] {
  const module = moduleOf(path);
  return role.call?.bounds.filter((bound) => bound.module === module) ?? NO_BOUNDS;
}
