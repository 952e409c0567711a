/** Records what a process did: an access becomes a denial, a use or an incident. */

import { packageId } from '../../pms/package-id.ts';
import type { Evidence, RecordedPackage } from '../evidence.ts';
import { classifyPath, isAmbient, type PathClass } from '../path-class.ts';
import { toAccess } from '../process/access.ts';
import type { ModuleBound } from '../process/pkg-config-call.ts';
import { type TracedProcess, worksForEbuild } from '../process/process-tree.ts';
import { createSightings, type Sightings } from '../sightings.ts';
import type { FileInView } from '../trace-context.ts';
import { variableFor } from '../use-kind.ts';
import { isReadBesides } from './business.ts';
import { wantsOwner } from './incidents.ts';
import type { AttributionState } from './state.ts';

/** One operation of a process on the files that a path leads to. */
export interface Doing {
  readonly kind: PathClass;
  readonly operation: Evidence['operation'];
  readonly bounds: readonly ModuleBound[];
}

export const NO_BOUNDS: readonly ModuleBound[] = [];

/** @param weak see `Deed.weak` */
export function addDenial(
  state: AttributionState,
  process: TracedProcess,
  doing: Doing,
  file: FileInView,
  weak: boolean,
): void {
  const access = toAccess(state.tree, process, doing.operation, file.path, 'denied');
  const { kind, bounds } = doing;
  const deed = { access, package: file.package, kind, weak, drawn: false, bounds };
  sightingsOf(state, process.phase ?? '').add(deed, state.clock);
}

/** @param drawn see `Deed.drawn` */
export function addUse(
  state: AttributionState,
  process: TracedProcess,
  doing: Doing,
  file: FileInView,
  drawn: boolean,
): void {
  const access = toAccess(state.tree, process, doing.operation, file.path, 'seen');
  const { kind, bounds } = doing;
  const deed = { access, package: file.package, kind, weak: false, drawn, bounds };
  state.used.add(deed, state.clock);
}

/** Records the use of a file. The earlier uses of the process decide whether it is drawn. */
export function noticeUse(
  state: AttributionState,
  process: TracedProcess,
  doing: Doing,
  file: FileInView,
): void {
  const { acting, call } = process.role;
  const follows = followsFromUse(state, process, file.package);
  // A module in the arguments of pkg-config is a use by the ebuild, even if another package needs it too.
  const isAsked = doing.kind === 'pkg-config' && call?.isWhole === true;
  // The program of another package chose the file that it loads.
  const isChosen = acting !== undefined && variableFor(doing.kind) !== 'DEPEND';
  addUse(state, process, doing, file, (follows && !isAsked) || isChosen);
}

/** Whether a package that the process has used needs this one in order to run. */
function followsFromUse(state: AttributionState, process: TracedProcess, used: RecordedPackage): boolean {
  process.used ??= new Map();
  const id = packageId(used);
  const known = process.used.get(id);
  if (known !== undefined) return known.drawn;
  const drawn = [...process.used.values()].some((before) => state.context.needsToRun(before.package, used));
  process.used.set(id, { package: used, drawn });
  return drawn;
}

/** @param unowned path of a file without an owner, from its description */
export function noticeUnowned(
  state: AttributionState,
  process: TracedProcess,
  operation: 'read' | 'execute',
  unowned: string | undefined,
): void {
  if (unowned === undefined || !worksForEbuild(process)) return;
  if (!wantsOwner(unowned) || isAmbient(unowned)) return;
  if (operation === 'read') {
    const kind = classifyPath(unowned);
    // Reading a program does not run it.
    if (kind === 'program' || isReadBesides(process.role, unowned, kind)) return;
    // A module that a program of a package loads is its own business.
    if (kind === 'build-module' && process.role.acting !== undefined && !unowned.endsWith('.m4')) return;
  }
  state.incidents.add('unowned-file', toAccess(state.tree, process, operation, unowned, 'seen'));
}

function sightingsOf({ denied }: AttributionState, phase: string): Sightings {
  const known = denied.get(phase);
  if (known !== undefined) return known;
  const made = createSightings();
  denied.set(phase, made);
  return made;
}
