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
 * The observations of a step that passed, as plain data. Licences are not part of it: they depend on the declared packages, and a later
 * build that declares others may reuse the step.
 */
export interface StepObservations {
  /** In the order of the phases; within a phase the likeliest cause of a failure first. */
  readonly denials: readonly Denial[];
  readonly uses: readonly PackageSighting[];
  readonly incidents: readonly Incident[];
  /** Sentences on events that the tracer could not see. */
  readonly gaps: readonly string[];
}

/** The observations of all steps of one build. */
export interface Observations extends Omit<StepObservations, 'uses'> {
  readonly uses: readonly ObservedUse[];
  readonly unlicensedRuns: readonly UnlicensedRun[];
}

/** A visible package that the ebuild's own processes used, with its licence in one view. */
export interface ObservedUse {
  readonly package: RecordedPackage;
  readonly licence: Licence;
  /** `data` points to no variable and does not prove a need: a build may pass without it. */
  readonly kinds: readonly { readonly kind: PathClass; readonly evidence: readonly Evidence[] }[];
  readonly bounds: readonly ModuleBound[];
}

/** A package that is visible only for the package manager, although the ebuild itself used a program or module of it. */
export interface UnlicensedRun {
  readonly package: RecordedPackage;
  readonly evidence: readonly Evidence[];
}

/** Collects the results of an attribution at the end of a step. */
export function takeObservations(attribution: Attribution, step: Step): StepObservations {
  return {
    denials: step.flatMap((phase) => attribution.denials(phase)),
    uses: attribution.uses(),
    incidents: attribution.incidents(),
    gaps: attribution.gaps,
  };
}

/** The number of incidents that are kept of one build. */
const INCIDENTS_KEPT = 16;

/** Joins the observations of successive steps, with the licences of a view. A package that several steps used is listed once. */
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

/** The incidents of several builds of the same ebuild, each once. */
export function joinIncidents(builds: readonly Pick<Observations, 'incidents'>[]): Incident[] {
  const keyOf = ({ kind, evidence: { phase, program, path } }: Incident) =>
    `${kind} ${phase} ${program} ${path}`;
  const all = builds.flatMap(({ incidents }) => incidents);
  return [...new Map(all.map((incident) => [keyOf(incident), incident])).values()];
}

/** @param sightings of one package, in the order of the steps */
function joinUse(sightings: readonly PackageSighting[], licence: Licence): ObservedUse[] {
  // A drawn use of a package in the closure is not the ebuild's own use, unless the image shows that it links the library.
  // A drawn use of a declared package may be.
  const kinds = joinKinds(sightings.flatMap((sighting) => sighting.kinds)).filter(
    ({ drawn, kind }) => !drawn || licence !== 'closure' || kind === 'library',
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

/** Lists each kind once, without the drawn uses of a kind that was also used directly. */
function joinKinds(sighted: readonly KindSighting[]): Pick<KindSighting, 'kind' | 'evidence' | 'drawn'>[] {
  const kinds = new Map<PathClass, KindSighting[]>();
  for (const sighting of sighted) kinds.set(sighting.kind, [...(kinds.get(sighting.kind) ?? []), sighting]);
  return [...kinds].map(([kind, ofKind]) => {
    const direct = ofKind.filter(({ drawn }) => !drawn);
    const kept = direct.length > 0 ? direct : ofKind;
    return { kind, drawn: direct.length === 0, evidence: takeTurns(kept.map(({ evidence }) => evidence)) };
  });
}

/**
 * Takes evidence of each step in turn. The last step is first, because the work of a compiler is better evidence than the tests of
 * configure.
 */
function takeTurns(steps: readonly (readonly Evidence[])[]): Evidence[] {
  const latest = steps.toReversed();
  const turns = Array.from({ length: EVIDENCE_KEPT }, (_, turn) =>
    latest.flatMap((evidence) => evidence[turn] ?? []),
  );
  return turns.flat().slice(0, EVIDENCE_KEPT);
}
