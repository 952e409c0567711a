/** Folders have no owner in the index, so their packages are derived from their paths. */

import { classifyPath, isAmbient, isLibraryFolder } from '../path-class.ts';
import { type TracedProcess, worksForEbuild } from '../process/process-tree.ts';
import { baseName } from '../process/role.ts';
import type { PathDescription } from '../trace-context.ts';
import { variableFor } from '../use-kind.ts';
import { addDenial, type Doing, NO_BOUNDS } from './noticing.ts';
import type { AttributionState } from './state.ts';

/** Records that a process looked up a path and found nothing. The path may be a folder that the view hides. */
export function noticeHiddenFolder(
  state: AttributionState,
  process: TracedProcess,
  { hiddenFolder }: PathDescription,
): void {
  if (hiddenFolder.length === 0 || !worksForEbuild(process)) return;
  // Programs look for modules in folders that several packages share.
  const isShared = hiddenFolder.length > 1;
  for (const file of hiddenFolder) {
    const kind = classifyPath(file.path);
    const doing: Doing = { kind, operation: 'look-up', bounds: NO_BOUNDS };
    const isWeak = isShared || variableFor(kind) !== 'DEPEND' || isAmbient(file.path);
    addDenial(state, process, doing, file, isWeak);
  }
}

/** Records that a process listed a folder: the list lacks the names that the view hides. */
export function noticeMissingNames(state: AttributionState, process: TracedProcess, folder: string): void {
  if (!worksForEbuild(process)) return;
  if (isLibraryFolder(folder) && !LISTS_LIBRARIES.test(baseName(process.program))) return;
  for (const file of state.context.hiddenIn(folder)) {
    const doing: Doing = { kind: classifyPath(file.path), operation: 'look-up', bounds: NO_BOUNDS };
    addDenial(state, process, doing, file, true);
  }
}

/** Programs that look for libraries in the list of a folder: `find_library` of CMake (cmake-commands(7)). Others access them by name. */
const LISTS_LIBRARIES = /^(cmake|ccmake|ctest)[\d.]*$/;
