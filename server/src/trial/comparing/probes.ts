import type { FailedPhase, ImageDifference, Probe } from '../../audit/record.ts';
import { packageId } from '../../pms/package-id.ts';
import { type Denial, findNamedPaths } from '../../trace/denial.ts';
import { EVIDENCE_KEPT, type Evidence } from '../../trace/evidence.ts';
import type { BuildOutcome } from '../builder/build-plan.ts';
import { findSmallestSet } from '../smallest-set.ts';

/** The part of a build's outcome that shows the effect of a probe. */
export type ProbedOutcome = Pick<
  BuildOutcome,
  'passed' | 'failure' | 'denials' | 'observations' | 'layers' | 'image'
>;

/** A build in which some denied packages were visible. */
export interface ShownBuild {
  readonly outcome: ProbedOutcome;
  /** The differences from the image of the base; empty if the build failed. */
  readonly differences: readonly ImageDifference[];
  /** Whether there may be other differences, because not everything could be compared. */
  readonly isPartial?: boolean;
  /** Ids of the packages that its image needs in order to run, and the image of the base does not. */
  readonly gained: ReadonlySet<string>;
}

/** The effect of showing one denied package. */
export interface ProbeEffect {
  readonly denial: Denial;
  readonly effect: Probe['effect'];
  /** The other packages that had to be visible for the effect. */
  readonly beside?: readonly Denial[];
  readonly differences: readonly ImageDifference[];
  /** Set if it is `untried` because not everything could be compared. */
  readonly isPartial?: true;
  /** Present if the package breaks the build. */
  readonly failure?: FailedPhase;
  /** The build that showed the effect. */
  readonly outcome?: ProbedOutcome;
}

/**
 * Lists the packages that a build which passed was denied, with one denial for each. A weak denial is not a probe, unless the build itself
 * says that it looked for the package.
 *
 * @param notFound lines in which the build says what it did not find, see `readNotFound`
 */
export function listProbes(denials: readonly Denial[], notFound = ''): Denial[] {
  const joined = new Map<string, Denial>();
  const isNamed = findNamedPaths(notFound);
  for (const denial of denials) {
    // A package that only tests look for cannot change the image.
    if (denial.phase === 'test') continue;
    const named = denial.weak ? denial.evidence.filter(({ path }) => isNamed(path)) : denial.evidence;
    if (denial.weak && named.length === 0) continue;
    const probe = { ...denial, evidence: named.slice(0, EVIDENCE_KEPT), weak: false };
    const id = packageId(denial.package);
    const known = joined.get(id);
    joined.set(id, known === undefined ? probe : joinDenials(known, probe));
  }
  return [...joined.values()];
}

function joinDenials(first: Denial, second: Denial): Denial {
  const evidence: Evidence[] = [...first.evidence, ...second.evidence];
  return {
    ...first,
    evidence: evidence.slice(0, EVIDENCE_KEPT),
    kinds: [...new Set([...first.kinds, ...second.kinds])],
    bounds: [...first.bounds, ...second.bounds],
  };
}

export interface ProbeBuilds {
  /** Builds with the packages of some denials visible. */
  show(denials: readonly Denial[]): Promise<ShownBuild>;
  /** Whether the effect that a build with some denials visible shows is theirs, and not chance; builds again if that is not plain. */
  isReal(denials: readonly Denial[], shown: ShownBuild): Promise<boolean>;
  /** Whether showing `bringing` shows `brought` too, because it needs that in order to run. */
  brings(bringing: Denial, brought: Denial): boolean;
  /** Limit in builds. Probes that are undecided after that many are `untried`. */
  readonly most: number;
}

/**
 * Finds the effect that each of some packages has on a build that passes without them. If packages only have an effect together, each of
 * them has it.
 *
 * @returns the effects in the order of `probes`, then those of the packages that builds with them asked for
 */
export async function tryProbes(
  probes: readonly Denial[],
  builds: ProbeBuilds,
): Promise<readonly ProbeEffect[]> {
  const { brings, isReal } = builds;
  const search: ProbeSearch = { show: rememberBuilds(builds), brings, isReal, effects: new Map() };
  let known = probes;
  let together = known.length === 0 ? undefined : await search.show(known);
  // A build that finds pkg-config asks it for libraries, so the packages that it asks for are probes too.
  for (let further = askedFor(together, known); further.length > 0; further = askedFor(together, known)) {
    known = [...known, ...further];
    together = await search.show(known);
  }
  await explainOneByOne(search, known);
  await explainRest(search, known, together);
  return known.flatMap((probe) => search.effects.get(idOf(probe)) ?? []);
}

/** The state of the search for effects. */
interface ProbeSearch {
  /** Undefined if the limit of builds is reached. */
  readonly show: (denials: readonly Denial[]) => Promise<ShownBuild | undefined>;
  readonly brings: ProbeBuilds['brings'];
  readonly isReal: ProbeBuilds['isReal'];
  /** By the ids of the packages. */
  readonly effects: Map<string, ProbeEffect>;
}

/** Whether a build in which some packages were visible shows an effect of them. */
type ShowsEffect = (denials: readonly Denial[], shown: ShownBuild) => boolean;

/**
 * Decides each probe: takes out those with an effect until the rest has none. The packages that the image needs with all of them visible
 * are tried alone; if none of these has an effect, halving finds the package that has.
 */
async function explainOneByOne(search: ProbeSearch, probes: readonly Denial[]): Promise<void> {
  const shows: ShowsEffect = (denials, shown) => hasEffect(search, denials, shown);
  let rest = broughtFirst(search, probes);
  while (rest.length > 0) {
    const shown = await search.show(rest);
    if (shown !== undefined && !shows(rest, shown)) {
      const isPartial = shown.isPartial === true;
      conclude(
        search,
        rest,
        isPartial ? { effect: 'untried', differences: [], isPartial } : { effect: 'none', differences: [] },
      );
      return;
    }
    const found =
      shown && ((await tryGained(search, rest, shown)) ?? (await findCulprits(search, rest, shows)));
    if (found === undefined) {
      conclude(search, rest, { effect: 'untried', differences: [] });
      return;
    }
    rest = rest.filter((probe) => !found.includes(probe));
  }
}

function conclude(
  { effects }: ProbeSearch,
  denials: readonly Denial[],
  effect: Omit<ProbeEffect, 'denial'>,
): void {
  for (const denial of denials) effects.set(idOf(denial), { denial, ...effect });
}

/** Sorts packages that others bring before those that bring them. */
function broughtFirst({ brings }: ProbeSearch, denials: readonly Denial[]): Denial[] {
  const rank = (bringing: Denial) => denials.filter((brought) => brings(bringing, brought)).length;
  return denials.toSorted((left, right) => rank(left) - rank(right));
}

/** The differences that are not yet a known effect of one of these packages, or of one that they bring. */
function ownDifferences(
  { effects, brings }: ProbeSearch,
  denials: readonly Denial[],
  { differences }: ShownBuild,
): ImageDifference[] {
  const known = [...effects.values()].filter(({ denial: explained }) =>
    denials.some((denial) => idOf(denial) === idOf(explained) || brings(denial, explained)),
  );
  const explained = new Set(known.flatMap((effect) => effect.differences.map(keyOfDifference)));
  return differences.filter((difference) => !explained.has(keyOfDifference(difference)));
}

function hasEffect(search: ProbeSearch, denials: readonly Denial[], shown: ShownBuild): boolean {
  return !shown.outcome.passed || ownDifferences(search, denials, shown).length > 0;
}

function readEffect(
  search: ProbeSearch,
  denials: readonly Denial[],
  shown: ShownBuild,
): Omit<ProbeEffect, 'denial'> {
  const { outcome } = shown;
  const { passed, failure } = outcome;
  return {
    effect: passed ? 'changes' : 'breaks',
    differences: ownDifferences(search, denials, shown),
    outcome,
    ...(failure !== undefined && { failure }),
  };
}

/** Finds the packages with an effect of their own among those that the image needs with all of the rest visible. */
async function tryGained(
  search: ProbeSearch,
  rest: readonly Denial[],
  { gained }: ShownBuild,
): Promise<readonly Denial[] | undefined> {
  const found: Denial[] = [];
  for (const probe of rest.filter((denial) => gained.has(idOf(denial)))) {
    const alone = await search.show([probe]);
    if (alone === undefined || !hasEffect(search, [probe], alone)) continue;
    if (!(await search.isReal([probe], alone))) continue;
    conclude(search, [probe], readEffect(search, [probe], alone));
    found.push(probe);
  }
  return found.length === 0 ? undefined : found;
}

/** Finds the smallest part of some packages that shows an effect, and keeps the effect. */
async function findCulprits(
  search: ProbeSearch,
  among: readonly Denial[],
  shows: ShowsEffect,
): Promise<readonly Denial[] | undefined> {
  const found = await findSmallestSet(among, async (part) => {
    const shown = await search.show(part);
    return shown && shows(part, shown);
  });
  const shown = found && (await search.show(found));
  if (found === undefined || shown === undefined) return undefined;
  // A package with a known effect keeps that one, unless it broke the build because another one of them was hidden.
  const open: readonly Probe['effect'][] = shown.outcome.passed ? ['none', 'breaks'] : ['none'];
  const undecided = found.filter((probe) => open.includes(search.effects.get(idOf(probe))?.effect ?? 'none'));
  if (!(await search.isReal(found, shown))) {
    conclude(search, undecided, { effect: 'untried', differences: [] });
    return found;
  }
  const effect = readEffect(search, found, shown);
  for (const probe of undecided) {
    const beside = found.filter((companion) => companion !== probe);
    conclude(search, [probe], { ...effect, ...(beside.length > 0 && { beside }) });
  }
  return found;
}

/** Explains differences that packages make together, while one of them makes another difference alone. */
async function explainRest(
  search: ProbeSearch,
  probes: readonly Denial[],
  together: ShownBuild | undefined,
): Promise<void> {
  const known = new Set(
    [...search.effects.values()].flatMap((effect) => effect.differences.map(keyOfDifference)),
  );
  const unknown = new Set(together?.differences.map(keyOfDifference).filter((key) => !known.has(key)));
  if (unknown.size === 0) return;
  await findCulprits(search, broughtFirst(search, probes), (_, { differences }) =>
    differences.some((difference) => unknown.has(keyOfDifference(difference))),
  );
}

/** @returns a function that gives undefined if the limit of builds is reached */
function rememberBuilds({
  show,
  most,
}: ProbeBuilds): (denials: readonly Denial[]) => Promise<ShownBuild | undefined> {
  const built = new Map<string, ShownBuild>();
  return async (denials) => {
    const key = denials.map(idOf).sort().join(' ');
    const known = built.get(key);
    if (known !== undefined || built.size >= most) return known;
    const shown = await show(denials);
    built.set(key, shown);
    return shown;
  };
}

const idOf = (denial: Denial): string => packageId(denial.package);

/** Two differences with the same key are the same. */
export const keyOfDifference = ({ aspect, change, path, name }: ImageDifference): string =>
  `${aspect} ${change} ${path} ${name ?? ''}`;

/** The other packages that a build with some probes visible was denied. */
function askedFor(shown: ShownBuild | undefined, known: readonly Denial[]): Denial[] {
  if (shown === undefined) return [];
  const { outcome } = shown;
  const ids = new Set(known.map(idOf));
  const denials = outcome.passed ? outcome.observations.denials : outcome.denials;
  return listProbes(denials).filter((probe) => !ids.has(idOf(probe)));
}
