import type { Evidence, RecordedPackage } from '../evidence.ts';
import type { PathClass } from '../path-class.ts';
import type { ModuleBound } from './pkg-config-call.ts';

/** What was seen of one package as one kind of file. */
export interface KindSighting {
  readonly evidence: readonly Evidence[];
  /** The number of the event that came last. */
  readonly last: number;
  /** Whether nothing but what is hardly ever a reason was seen. */
  readonly weak: boolean;
}

export interface PackageSighting {
  readonly package: RecordedPackage;
  readonly kinds: ReadonlyMap<PathClass, KindSighting>;
  readonly bounds: readonly ModuleBound[];
}

/** One deed of a process upon a file of a package. */
export interface Deed {
  readonly package: RecordedPackage;
  readonly kind: PathClass;
  readonly weak: boolean;
  /** What was asked of the package's version with it. */
  readonly bounds: readonly ModuleBound[];
  /** Name what is done, by which program, to which file; the rest is asked for only where it is kept. */
  readonly program: string;
  readonly operation: Evidence['operation'];
  readonly path: string;
  describe(): Evidence;
}

/** Collects deeds by package; keeps enough to explain, never the whole trace. */
export interface Sightings {
  /** @param clock the number of the event */
  add(key: string, deed: Deed, clock: number): void;
  /** Takes back that one deed of a kind was a reason. */
  weaken(key: string, kind: PathClass): void;
  list(): PackageSighting[];
}

/** Kept per package and kind. */
const EVIDENCE_KEPT = 4;
const BOUNDS_KEPT = 8;

interface MutableKind {
  evidence: Map<string, Evidence>;
  last: number;
  /** How many deeds were no weak ones. */
  strong: number;
}

export function createSightings(): Sightings {
  const packages = new Map<
    string,
    { package: RecordedPackage; kinds: Map<PathClass, MutableKind>; bounds: Map<string, ModuleBound> }
  >();
  return {
    add(key, deed, clock) {
      let sighting = packages.get(key);
      if (sighting === undefined) {
        sighting = { package: deed.package, kinds: new Map(), bounds: new Map() };
        packages.set(key, sighting);
      }
      for (const bound of deed.bounds) {
        if (sighting.bounds.size < BOUNDS_KEPT) sighting.bounds.set(bound.statedBy, bound);
      }
      let ofKind = sighting.kinds.get(deed.kind);
      if (ofKind === undefined || (ofKind.strong === 0 && !deed.weak)) {
        // What is a reason takes the place of what is hardly one.
        ofKind = { evidence: new Map(), last: clock, strong: 0 };
        sighting.kinds.set(deed.kind, ofKind);
      } else if (deed.weak && ofKind.strong > 0) return;
      ofKind.last = clock;
      if (!deed.weak) ofKind.strong += 1;
      keep(ofKind.evidence, deed);
    },
    weaken(key, kind) {
      const ofKind = packages.get(key)?.kinds.get(kind);
      if (ofKind !== undefined && ofKind.strong > 0) ofKind.strong -= 1;
    },
    list: () =>
      [...packages.values()].map((one) => ({
        package: one.package,
        kinds: new Map(
          [...one.kinds].map(([kind, { evidence, last, strong }]) => [
            kind,
            { evidence: [...evidence.values()], last, weak: strong === 0 },
          ]),
        ),
        bounds: [...one.bounds.values()],
      })),
  };
}

function keep(evidence: Map<string, Evidence>, deed: Deed): void {
  const key = `${deed.program} ${deed.path}`;
  const known = evidence.get(key);
  if (known === undefined) {
    if (evidence.size < EVIDENCE_KEPT) evidence.set(key, deed.describe());
  } else if (deed.operation === known.operation) evidence.set(key, { ...known, count: known.count + 1 });
  // A program often looks a file up before it reads it; the stronger deed says it all.
  else if (known.operation === 'look-up')
    evidence.set(key, { ...known, operation: deed.operation, count: 1 });
}
