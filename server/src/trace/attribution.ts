import { observeConnect } from './attribution/connecting.ts';
import { observeAccess } from './attribution/reading.ts';
import { observeExec } from './attribution/starting.ts';
import { type AttributionState, createState } from './attribution/state.ts';
import { type Denial, toDenials } from './denial.ts';
import type { TraceEvent } from './event.ts';
import type { Incident } from './evidence.ts';
import type { PackageSighting } from './sightings.ts';
import type { TraceContext } from './trace-context.ts';

/**
 * Reads the events of one run as they come. It assigns each access to an actor and to the packages that own the path, and keeps the results
 * for the verdict. Memory is bounded by the number of packages.
 */
export interface Attribution {
  observe(event: TraceEvent): void;
  /** The name of a process in a report; empty if it is not known. */
  nameOf(serial: number): string;
  /** The phase that was started last. */
  readonly phase: string | undefined;
  /** How many different packages were touched. */
  readonly packagesSeen: number;
  readonly gaps: readonly string[];
  /** The packages that were hidden from the ebuild's own processes in a phase, the likeliest cause of its failure first. */
  denials(phase: string): Denial[];
  /** The visible packages that the ebuild's own processes used, in the order of their first uses. */
  uses(): PackageSighting[];
  /** The incidents of the ebuild's own processes. */
  incidents(): Incident[];
}

export function createAttribution(context: TraceContext): Attribution {
  const state = createState(context);
  return {
    get phase() {
      return state.phase;
    },
    get packagesSeen() {
      return state.seen.size;
    },
    get gaps() {
      return [...state.gaps];
    },
    observe: (event) => observe(state, event),
    nameOf: (serial) => state.tree.get(serial).label,
    denials: (phase) => toDenials(state.denied.get(phase)?.list() ?? [], phase),
    uses: state.used.list,
    incidents: state.incidents.list,
  };
}

function observe(state: AttributionState, event: TraceEvent): void {
  const { tree } = state;
  state.clock += 1;
  if (event.kind === 'access') observeAccess(state, tree.get(event.serial), event);
  else if (event.kind === 'exec') observeExec(state, tree.get(event.serial), event);
  else if (event.kind === 'connect') observeConnect(state, tree.get(event.serial), event);
  else if (event.kind === 'process') tree.start(event.serial, event.parent);
  else if (event.kind === 'exited') tree.end(event.serial);
  else if (event.kind === 'gap') state.gaps.add(event.reason);
}
