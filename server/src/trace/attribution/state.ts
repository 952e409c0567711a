import type { RecordedPackage } from '../evidence.ts';
import { createProcessTree, type ProcessTree } from '../process/process-tree.ts';
import { createSightings, type Sightings } from '../sightings.ts';
import type { TraceContext } from '../trace-context.ts';
import { createIncidents, type Incidents } from './incidents.ts';

/** The knowledge of an attribution after the events so far. Its size is bounded by the number of packages. */
export interface AttributionState {
  readonly context: TraceContext;
  readonly tree: ProcessTree;
  /** Sightings of hidden packages, by phase. */
  readonly denied: Map<string, Sightings>;
  /** Sightings of visible packages. */
  readonly used: Sightings;
  readonly incidents: Incidents;
  /** Visible packages of which any process, the package manager's included, named a file. */
  readonly seen: Set<RecordedPackage>;
  readonly gaps: Set<string>;
  /** The phase that was started last. */
  phase: string | undefined;
  /** The number of events so far. */
  clock: number;
}

export function createState(context: TraceContext): AttributionState {
  return {
    context,
    tree: createProcessTree(context.ownWork),
    denied: new Map(),
    used: createSightings(),
    incidents: createIncidents(),
    seen: new Set(),
    gaps: new Set(),
    phase: undefined,
    clock: 0,
  };
}
