import { packageId } from '../pms/package-id.ts';
import { EVIDENCE_KEPT, type Evidence, type RecordedPackage } from './evidence.ts';
import type { PathClass } from './path-class.ts';
import { type Access, toEvidence } from './process/access.ts';
import type { ModuleBound } from './process/pkg-config-call.ts';

/** What was seen of one package as one kind of file. A strong deed, which is neither weak nor drawn, makes the others forgotten. */
export interface KindSighting {
  readonly kind: PathClass;
  readonly evidence: readonly Evidence[];
  /** The number of the event that came last. */
  readonly last: number;
  /** Of a hidden package: whether only weak deeds were seen. */
  readonly weak: boolean;
  /** Of a visible package: whether each deed followed from the use of another package. */
  readonly drawn: boolean;
}

/** All that was seen of one package in a run. */
export interface PackageSighting {
  readonly package: RecordedPackage;
  readonly kinds: readonly KindSighting[];
  readonly bounds: readonly ModuleBound[];
}

/** One thing that a process did with a file of a package. */
export interface Deed {
  readonly access: Access;
  readonly package: RecordedPackage;
  readonly kind: PathClass;
  /** With a hidden file: it is hardly ever the reason of a failure. */
  readonly weak: boolean;
  /** With a visible file: it follows from the use of another package, which needs this one in order to run or chose to load it. */
  readonly drawn: boolean;
  /** What was asked of the package's version with it. */
  readonly bounds: readonly ModuleBound[];
}

/** Collects deeds by package; keeps enough to explain, never the whole trace. */
export interface Sightings {
  /** @param clock the number of the event */
  add(deed: Deed, clock: number): void;
  /** A strong deed turned out to follow from the use of another package. */
  markDrawn(used: RecordedPackage, kind: PathClass): void;
  list(): PackageSighting[];
}

/** Kept per package. */
const BOUNDS_KEPT = 8;

interface MutableKind {
  readonly evidence: Map<string, Evidence>;
  last: number;
  /** How many deeds were strong. */
  strong: number;
  /** What is said of them if none was strong. */
  weak: boolean;
  drawn: boolean;
}

interface MutableSighting {
  readonly package: RecordedPackage;
  readonly kinds: Map<PathClass, MutableKind>;
  readonly bounds: Map<string, ModuleBound>;
}

export function createSightings(): Sightings {
  const packages = new Map<string, MutableSighting>();
  return {
    add(deed, clock) {
      const key = packageId(deed.package);
      let sighting = packages.get(key);
      if (sighting === undefined) {
        sighting = { package: deed.package, kinds: new Map(), bounds: new Map() };
        packages.set(key, sighting);
      }
      for (const bound of deed.bounds) {
        if (sighting.bounds.size < BOUNDS_KEPT) sighting.bounds.set(bound.statedBy, bound);
      }
      const isStrong = !deed.weak && !deed.drawn;
      let ofKind = sighting.kinds.get(deed.kind);
      if (ofKind === undefined || (ofKind.strong === 0 && isStrong)) {
        ofKind = { evidence: new Map(), last: clock, strong: 0, weak: false, drawn: false };
        sighting.kinds.set(deed.kind, ofKind);
      } else if (!isStrong && ofKind.strong > 0) return;
      ofKind.last = clock;
      if (isStrong) ofKind.strong += 1;
      ofKind.weak ||= deed.weak;
      ofKind.drawn ||= deed.drawn;
      keep(ofKind.evidence, deed.access);
    },
    markDrawn(used, kind) {
      const ofKind = packages.get(packageId(used))?.kinds.get(kind);
      if (ofKind === undefined || ofKind.strong === 0) return;
      ofKind.strong -= 1;
      ofKind.drawn = true;
    },
    list: () => [...packages.values()].map(toSighting),
  };
}

function toSighting(sighting: MutableSighting): PackageSighting {
  const kinds = [...sighting.kinds].map(([kind, { evidence, last, strong, weak, drawn }]) => ({
    kind,
    evidence: [...evidence.values()],
    last,
    weak: strong === 0 && weak,
    drawn: strong === 0 && drawn,
  }));
  return { package: sighting.package, kinds, bounds: [...sighting.bounds.values()] };
}

function keep(evidence: Map<string, Evidence>, access: Access): void {
  const key = `${access.program} ${access.path}`;
  const known = evidence.get(key);
  if (known === undefined) {
    if (evidence.size < EVIDENCE_KEPT) evidence.set(key, toEvidence(access));
  } else if (access.operation === known.operation) evidence.set(key, { ...known, count: known.count + 1 });
  // A program often looks a file up before it reads it, and the reading says more.
  else if (known.operation === 'look-up')
    evidence.set(key, { ...known, operation: access.operation, count: 1 });
}
