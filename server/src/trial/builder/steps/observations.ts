import { packageId } from '../../../pms/package-id.ts';
import type {
  Attribution,
  Denial,
  ObservedUse,
  UnlicensedRun,
  UseSighting,
} from '../../../trace/attribution.ts';
import type { Evidence, Incident } from '../../../trace/evidence.ts';
import type { BuildView } from '../build-view.ts';
import { licenceOf } from '../root-knowledge.ts';
import type { Step } from './step.ts';

/**
 * What was seen of a step that went through, as plain data. By what right a package was used is no part of it: that is a matter of what
 * is declared, and the step may be taken over where something else is.
 */
export interface StepObservations {
  /** Phase by phase; of one phase the likeliest cause of a failure first. */
  readonly denials: readonly Denial[];
  readonly uses: readonly UseSighting[];
  readonly incidents: readonly Incident[];
  /** What the tracer could not see. */
  readonly gaps: readonly string[];
}

/** What was seen of the steps of one build. */
export interface Observations extends Omit<StepObservations, 'uses'> {
  readonly uses: readonly ObservedUse[];
  readonly unlicensedRuns: readonly UnlicensedRun[];
}

/** Takes down what an attribution knows at the end of a step. */
export function takeObservations(attribution: Attribution, step: Step): StepObservations {
  return {
    denials: step.flatMap((phase) => attribution.denials(phase)),
    uses: attribution.uses(),
    incidents: attribution.incidents(),
    gaps: attribution.gaps,
  };
}

/** As much evidence of one package, and as many incidents, as a build keeps. */
const EVIDENCE_KEPT = 4;
const INCIDENTS_KEPT = 16;

/**
 * What several steps saw, one after another, in a view that says by what right. A package that several of them used is named once. What
 * follows from the use of another package is no use of one that is only visible through others; of one that is declared it may be.
 */
export function joinObservations(
  steps: readonly StepObservations[],
  view: Pick<BuildView, 'byId'>,
): Observations {
  const sightings = new Map<string, UseSighting[]>();
  for (const sighting of steps.flatMap((one) => one.uses)) {
    const id = packageId(sighting.package);
    sightings.set(id, [...(sightings.get(id) ?? []), sighting]);
  }
  const uses = [...sightings].flatMap(([id, ofPackage]): ObservedUse[] => {
    const licence = licenceOf(view.byId.get(id));
    const kinds = joinKinds(ofPackage.flatMap((one) => one.kinds)).filter(
      ({ drawn }) => !drawn || licence !== 'closure',
    );
    const [first] = ofPackage;
    if (kinds.length === 0 || first === undefined) return [];
    return [
      {
        package: first.package,
        licence,
        kinds: kinds.map(({ kind, evidence }) => ({ kind, evidence })),
        bounds: [
          ...new Map(ofPackage.flatMap(({ bounds }) => bounds).map((one) => [one.statedBy, one])).values(),
        ],
      },
    ];
  });
  const isUnlicensed = ({ licence }: ObservedUse) => licence === 'package-manager-only';
  return {
    denials: steps.flatMap((one) => one.denials),
    uses: uses.filter((one) => !isUnlicensed(one)),
    unlicensedRuns: uses.filter(isUnlicensed).flatMap(toRun),
    incidents: steps.flatMap((one) => one.incidents).slice(0, INCIDENTS_KEPT),
    gaps: [...new Set(steps.flatMap((one) => one.gaps))],
  };
}

function toRun(use: ObservedUse): UnlicensedRun[] {
  const evidence = ['program', 'build-module'].flatMap(
    (wanted) => use.kinds.find(({ kind }) => kind === wanted)?.evidence ?? [],
  );
  return evidence.length === 0 ? [] : [{ package: use.package, evidence: evidence.slice(0, EVIDENCE_KEPT) }];
}

type UseOfKind = UseSighting['kinds'][number];

/** Each kind once. Of what only followed from other packages nothing is told where there is more. */
function joinKinds(sighted: readonly UseOfKind[]): UseOfKind[] {
  const kinds = new Map<UseOfKind['kind'], UseOfKind[]>();
  for (const one of sighted) kinds.set(one.kind, [...(kinds.get(one.kind) ?? []), one]);
  return [...kinds].map(([kind, all]) => {
    const direct = all.filter(({ drawn }) => !drawn);
    const told = direct.length > 0 ? direct : all;
    return { kind, drawn: direct.length === 0, evidence: takeTurns(told.map(({ evidence }) => evidence)) };
  });
}

/** Something of each step; the last one first, because a compiler's work says more than the tests of a configure script. */
function takeTurns(steps: readonly (readonly Evidence[])[]): Evidence[] {
  const latest = steps.toReversed();
  const turns = Array.from({ length: EVIDENCE_KEPT }, (_, turn) => latest.flatMap((one) => one[turn] ?? []));
  return turns.flat().slice(0, EVIDENCE_KEPT);
}
