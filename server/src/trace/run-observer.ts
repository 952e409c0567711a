import { packageId } from '../pms/package-id.ts';
import { type Denial, toDenials } from './denial.ts';
import type { AccessEvent, ExecEvent, TraceEvent } from './event.ts';
import type { Evidence, RecordedPackage } from './evidence.ts';
import { RUNTIME_PHASE } from './phase-function.ts';
import { toAccess, toEvidence } from './process/access.ts';
import { createProcessTree, type ProcessTree, type TracedProcess } from './process/process-tree.ts';
import { baseName } from './process/role.ts';
import { createSightings, type Sightings } from './sightings.ts';
import type { FileInView, Licence, PathDescription, TraceContext } from './trace-context.ts';

/** A library that was loaded without being linked by a loaded file, for example by dlopen(3). */
export interface LoadedLibrary {
  readonly package: RecordedPackage;
  /** Why it was visible. */
  readonly licence: Licence;
  readonly evidence: Evidence;
}

/** The accesses of a run that matter for RDEPEND. */
export interface ObservedRun {
  /** The packages of which the run asked for a hidden file, the likeliest cause of its failure first. */
  readonly denials: readonly Denial[];
  readonly loaded: readonly LoadedLibrary[];
}

/** The knowledge of the view that an observer needs. */
export interface RunContext extends Pick<TraceContext, 'describePath' | 'needsToRun' | 'hiddenIn'> {
  /** Whether the path belongs to the package that is run, in this version or another. */
  isOwn(path: string): boolean;
  /** The names of the libraries that the ELF file at a path of the sandbox links (DT_NEEDED); empty for any other file. */
  linkedBy(path: string): readonly string[];
}

/** Reads the events of a run of an installed program as they come. Attribution is the other reader of traces. */
export interface RunObserver {
  observe(event: TraceEvent): void;
  /** The name of a process in a report; empty if it is not known. */
  nameOf(serial: number): string;
  result(): ObservedRun;
}

const LIBRARY = /\/lib[^/]*\/(?:.*\/)?[^/]+\.so(?:\.[\w.]+)?$/;
const PROGRAM = /\/s?bin\/[^/]+$/;

/** The libraries of one program. */
interface Loading {
  /** Names of libraries that the program, or a library that it has loaded, links. */
  readonly linked: Set<string>;
  /** The owners of the program and its interpreters; empty if it belongs to the package that is run. */
  readonly owners: readonly RecordedPackage[];
}

interface RunState {
  readonly context: RunContext;
  readonly tree: ProcessTree;
  readonly denied: Sightings;
  /** By the serial of the process. */
  readonly loadings: Map<number, Loading>;
  readonly loaded: Map<string, LoadedLibrary>;
  /** The number of events so far. */
  clock: number;
}

export function createRunObserver(context: RunContext): RunObserver {
  const state: RunState = {
    context,
    tree: createProcessTree({ folders: [], ebuildHelpers: [] }, RUNTIME_PHASE),
    denied: createSightings(),
    loadings: new Map(),
    loaded: new Map(),
    clock: 0,
  };
  return {
    observe: (event) => observe(state, event),
    nameOf: (serial) => state.tree.get(serial).label,
    result: () => ({
      denials: toDenials(state.denied.list(), RUNTIME_PHASE).map((denial) => ({
        ...denial,
        variable: 'RDEPEND',
      })),
      loaded: [...state.loaded.values()],
    }),
  };
}

function observe(state: RunState, event: TraceEvent): void {
  const { tree, loadings } = state;
  state.clock += 1;
  if (event.kind === 'process') {
    tree.start(event.serial, event.parent);
    const parent = loadings.get(event.parent);
    if (parent !== undefined) loadings.set(event.serial, { ...parent, linked: new Set(parent.linked) });
  } else if (event.kind === 'exited') {
    tree.end(event.serial);
    loadings.delete(event.serial);
  } else if (event.kind === 'exec') observeExec(state, tree.get(event.serial), event);
  else if (event.kind === 'access') observeAccess(state, tree.get(event.serial), event);
}

function observeExec(state: RunState, process: TracedProcess, event: ExecEvent): void {
  const { context, tree, loadings } = state;
  const files = [event, ...event.interpreters].map(({ path, hops }) => hops.at(-1) ?? path);
  for (const path of files) noticePath(state, process, 'execute', path);
  if (!event.found) return;
  tree.execute(event.serial, files[0] ?? event.path, event.argv, undefined);
  const owners = files
    .filter((path) => !context.isOwn(path))
    .flatMap((path) => context.describePath(path).files.slice(-1))
    .map((file) => file.package);
  loadings.set(event.serial, { linked: new Set(files.flatMap(context.linkedBy)), owners });
}

function observeAccess(state: RunState, process: TracedProcess, event: AccessEvent): void {
  const end = event.hops.at(-1) ?? event.path;
  if (event.operation === 'readdir') {
    // A program that lists a folder, as Python does for its modules, never names a file that the list lacks.
    if (!state.context.isOwn(end)) denyFolder(state, process, state.context.hiddenIn(end));
    return;
  }
  const operation = event.operation === 'open' ? 'read' : 'look-up';
  for (const path of [event.path, ...event.hops]) noticePath(state, process, operation, path);
  const description = state.context.describePath(end);
  if (event.result === 'missing') {
    if (!state.context.isOwn(end)) denyFolder(state, process, description.hiddenFolder);
  } else if (operation === 'read' && event.result === 'file') load(state, process, end, description);
}

/** Records that a process named a path: hidden files at this path are denied. */
function noticePath(
  state: RunState,
  process: TracedProcess,
  operation: Evidence['operation'],
  path: string,
): void {
  const { context } = state;
  if (context.isOwn(path)) return;
  for (const file of context.describePath(path).files) {
    if (!file.hidden || context.isOwn(file.path)) continue;
    const isMeant = operation !== 'look-up' || LIBRARY.test(file.path) || PROGRAM.test(file.path);
    deny(state, process, operation, file, !isMeant);
  }
}

function denyFolder(state: RunState, process: TracedProcess, hidden: readonly FileInView[]): void {
  for (const file of hidden) deny(state, process, 'look-up', file, true);
}

/** @param weak see `Deed.weak` */
function deny(
  state: RunState,
  process: TracedProcess,
  operation: Evidence['operation'],
  file: FileInView,
  weak: boolean,
): void {
  const access = toAccess(state.tree, process, operation, file.path, 'denied');
  // In a run, every kind of file points to RDEPEND.
  const deed = { access, package: file.package, kind: 'data' as const, weak, drawn: false, bounds: [] };
  state.denied.add(deed, state.clock);
}

/** Records that a process read a file, which may be a library that nothing links. */
function load(state: RunState, process: TracedProcess, path: string, { files }: PathDescription): void {
  const { context, loaded } = state;
  const loading = state.loadings.get(process.serial);
  if (loading === undefined || !LIBRARY.test(path)) return;
  const isLinked = loading.linked.has(baseName(path));
  for (const name of context.linkedBy(path)) loading.linked.add(name);
  if (isLinked || context.isOwn(path)) return;
  const file = files.at(-1);
  if (file === undefined || file.hidden || file.licence === 'system') return;
  const { package: owner, licence } = file;
  const id = packageId(owner);
  // The program of another package loads libraries for its own sake, as an interpreter does for its modules.
  const isBusiness = loading.owners.some(
    (acting) => packageId(acting) === id || context.needsToRun(acting, owner),
  );
  const key = `${id} ${baseName(file.path)}`;
  if (isBusiness || loaded.has(key)) return;
  const access = toAccess(state.tree, process, 'read', file.path, 'seen');
  loaded.set(key, { package: owner, licence, evidence: toEvidence(access) });
}
