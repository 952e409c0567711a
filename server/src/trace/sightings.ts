import { packageId } from '../pms/package-id.ts';
import { EVIDENCE_KEPT, type Evidence, type RecordedPackage, UNLISTED_KEPT } from './evidence.ts';
import type { PathClass } from './path-class.ts';
import { type Access, toEvidence } from './process/access.ts';
import type { ModuleBound } from './process/pkg-config-call.ts';

/** The accesses to one package's files of one kind. A strong deed replaces all weak and drawn ones. */
export interface KindSighting {
  readonly kind: PathClass;
  readonly evidence: readonly Evidence[];
  /** The number of its first event. */
  readonly first: number;
  /** The number of its latest event. */
  readonly last: number;
  /** For a hidden package: whether only weak deeds were seen. */
  readonly weak: boolean;
  /** For a visible package: whether each deed followed from the use of another package. */
  readonly drawn: boolean;
}

/** All sightings of one package in a run. */
export interface PackageSighting {
  readonly package: RecordedPackage;
  readonly kinds: readonly KindSighting[];
  readonly bounds: readonly ModuleBound[];
}

/** One action of a process on a file of a package. */
export interface Deed {
  readonly access: Access;
  readonly package: RecordedPackage;
  readonly kind: PathClass;
  /** For a hidden file: whether it is hardly ever the reason of a failure. */
  readonly weak: boolean;
  /**
   * For a visible file: whether the access follows from the use of another package, which needs this one in order to run or chose to load
   * it.
   */
  readonly drawn: boolean;
  /** The versions that the access asked for. */
  readonly bounds: readonly ModuleBound[];
}

/** Collects deeds by package. It keeps a few to explain findings, never the whole trace. */
export interface Sightings {
  /** @param clock the number of the event */
  add(deed: Deed, clock: number): void;
  /** Marks a strong deed as drawn: it follows from the use of another package. */
  markDrawn(used: RecordedPackage, kind: PathClass): void;
  list(): PackageSighting[];
}

/** The number of bounds that are kept of a package. */
const BOUNDS_KEPT = 8;

interface MutableKind {
  readonly evidence: Map<string, Evidence>;
  readonly first: number;
  last: number;
  /** The number of strong deeds. */
  strong: number;
  /** Whether the deeds are weak, if none was strong. */
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
        ofKind = { evidence: new Map(), first: clock, last: clock, strong: 0, weak: false, drawn: false };
        sighting.kinds.set(deed.kind, ofKind);
      } else if (!isStrong && ofKind.strong > 0) return;
      ofKind.last = clock;
      if (isStrong) ofKind.strong += 1;
      ofKind.weak ||= deed.weak;
      ofKind.drawn ||= deed.drawn;
      const isUnlisted = deed.weak && deed.kind === 'library' && deed.access.operation === 'look-up';
      keep(ofKind.evidence, deed.access, isUnlisted ? UNLISTED_KEPT : EVIDENCE_KEPT);
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
  const kinds = [...sighting.kinds].map(([kind, { evidence, first, last, strong, weak, drawn }]) => ({
    kind,
    evidence: [...evidence.values()],
    first,
    last,
    weak: strong === 0 && weak,
    drawn: strong === 0 && drawn,
  }));
  return { package: sighting.package, kinds, bounds: [...sighting.bounds.values()] };
}

function keep(evidence: Map<string, Evidence>, access: Access, most: number): void {
  const key = `${access.program} ${access.path}`;
  const known = evidence.get(key);
  if (known === undefined) {
    if (evidence.size < most) evidence.set(key, toEvidence(access));
  } else if (access.operation === known.operation) evidence.set(key, { ...known, count: known.count + 1 });
  // A program often looks a file up before it reads it, and reading is the stronger evidence.
  else if (known.operation === 'look-up')
    evidence.set(key, { ...known, operation: access.operation, count: 1 });
}
