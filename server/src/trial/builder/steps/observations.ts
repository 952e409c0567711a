import { packageId } from '../../../pms/package-id.ts';
import type { Attribution } from '../../../trace/attribution.ts';
import type { Denial } from '../../../trace/denial.ts';
import {
  EVIDENCE_KEPT,
  type Evidence,
  type Incident,
  type RecordedPackage,
} from '../../../trace/evidence.ts';
import type { PathClass } from '../../../trace/path-class.ts';
import type { ModuleBound } from '../../../trace/process/pkg-config-call.ts';
import type { KindSighting, PackageSighting } from '../../../trace/sightings.ts';
import type { Licence } from '../../../trace/trace-context.ts';
import type { BuildView } from '../build-view.ts';
import { licenceOf } from '../root-knowledge.ts';
import type { Step } from './step.ts';

/**
 * What was seen of a step that passed, as plain data. Licences are not part of it: they depend on what is declared, and the step may be
 * reused where something else is.
 */
export interface StepObservations {
  /** Phase by phase; of one phase the likeliest cause of a failure first. */
  readonly denials: readonly Denial[];
  readonly uses: readonly PackageSighting[];
  readonly incidents: readonly Incident[];
  /** What the tracer could not see. */
  readonly gaps: readonly string[];
}

/** What was seen of the steps of one build. */
export interface Observations extends Omit<StepObservations, 'uses'> {
  readonly uses: readonly ObservedUse[];
  readonly unlicensedRuns: readonly UnlicensedRun[];
}

/** A visible package that the ebuild's own processes used, with its licence in one view. */
export interface ObservedUse {
  readonly package: RecordedPackage;
  readonly licence: Licence;
  /** `data` points to no variable and proves no need: a build may work without it. */
  readonly kinds: readonly { readonly kind: PathClass; readonly evidence: readonly Evidence[] }[];
  readonly bounds: readonly ModuleBound[];
}

/** A package that is visible only for the package manager, and whose program or module the ebuild itself used. */
export interface UnlicensedRun {
  readonly package: RecordedPackage;
  readonly evidence: readonly Evidence[];
}

/** Everything that an attribution knows at the end of a step. */
export function takeObservations(attribution: Attribution, step: Step): StepObservations {
  return {
    denials: step.flatMap((phase) => attribution.denials(phase)),
    uses: attribution.uses(),
    incidents: attribution.incidents(),
    gaps: attribution.gaps,
  };
}

/** Kept of one build. */
const INCIDENTS_KEPT = 16;

/** Joins what several steps saw, one after another, in a view that gives licences. A package that several of them used is listed once. */
export function joinObservations(
  steps: readonly StepObservations[],
  view: Pick<BuildView, 'byId'>,
): Observations {
  const sightings = new Map<string, PackageSighting[]>();
  for (const sighting of steps.flatMap((step) => step.uses)) {
    const id = packageId(sighting.package);
    sightings.set(id, [...(sightings.get(id) ?? []), sighting]);
  }
  const uses = [...sightings].flatMap(([id, ofPackage]) => joinUse(ofPackage, licenceOf(view.byId.get(id))));
  const isUnlicensed = ({ licence }: ObservedUse) => licence === 'package-manager-only';
  return {
    denials: steps.flatMap((step) => step.denials),
    uses: uses.filter((use) => !isUnlicensed(use)),
    unlicensedRuns: uses.filter(isUnlicensed).flatMap(toRun),
    incidents: steps.flatMap((step) => step.incidents).slice(0, INCIDENTS_KEPT),
    gaps: [...new Set(steps.flatMap((step) => step.gaps))],
  };
}

/** @param sightings of one package, in the order of the steps */
function joinUse(sightings: readonly PackageSighting[], licence: Licence): ObservedUse[] {
  // A drawn use of a package that is visible through others is not the ebuild's own; that of a declared package may be.
  const kinds = joinKinds(sightings.flatMap((sighting) => sighting.kinds)).filter(
    ({ drawn }) => !drawn || licence !== 'closure',
  );
  const [first] = sightings;
  if (kinds.length === 0 || first === undefined) return [];
  const bounds = new Map(
    sightings.flatMap((sighting) => sighting.bounds).map((bound) => [bound.statedBy, bound]),
  );
  return [
    {
      package: first.package,
      licence,
      kinds: kinds.map(({ kind, evidence }) => ({ kind, evidence })),
      bounds: [...bounds.values()],
    },
  ];
}

function toRun(use: ObservedUse): UnlicensedRun[] {
  const evidence = ['program', 'build-module'].flatMap(
    (wanted) => use.kinds.find(({ kind }) => kind === wanted)?.evidence ?? [],
  );
  return evidence.length === 0 ? [] : [{ package: use.package, evidence: evidence.slice(0, EVIDENCE_KEPT) }];
}

/** Each kind once, without the drawn uses of a kind that was also used directly. */
function joinKinds(sighted: readonly KindSighting[]): Pick<KindSighting, 'kind' | 'evidence' | 'drawn'>[] {
  const kinds = new Map<PathClass, KindSighting[]>();
  for (const sighting of sighted) kinds.set(sighting.kind, [...(kinds.get(sighting.kind) ?? []), sighting]);
  return [...kinds].map(([kind, ofKind]) => {
    const direct = ofKind.filter(({ drawn }) => !drawn);
    const kept = direct.length > 0 ? direct : ofKind;
    return { kind, drawn: direct.length === 0, evidence: takeTurns(kept.map(({ evidence }) => evidence)) };
  });
}

/** Evidence of each step in turn; the last step first, because a compiler's work says more than the tests of a configure script. */
function takeTurns(steps: readonly (readonly Evidence[])[]): Evidence[] {
  const latest = steps.toReversed();
  const turns = Array.from({ length: EVIDENCE_KEPT }, (_, turn) =>
    latest.flatMap((evidence) => evidence[turn] ?? []),
  );
  return turns.flat().slice(0, EVIDENCE_KEPT);
}
