import type { FailedPhase, ImageDifference, Probe } from '../../audit/record.ts';
import { packageId } from '../../installed/vdb.ts';
import { type Denial, isNamedIn } from '../../trace/denial.ts';
import { EVIDENCE_KEPT, type Evidence } from '../../trace/evidence.ts';
import type { BuildOutcome } from '../builder/build-plan.ts';
import { findSmallestSet } from '../smallest-set.ts';

/** A build in which some denied packages were shown. */
export interface ShownBuild {
  readonly outcome: BuildOutcome;
  /** How its image differs from that of the build in which they were not; empty where it failed. */
  readonly differences: readonly ImageDifference[];
  /** Ids of the packages that its image needs in order to run, and the other's does not. */
  readonly gained: ReadonlySet<string>;
}

/** What showing one denied package does. */
export interface ProbeEffect {
  readonly denial: Denial;
  readonly effect: Probe['effect'];
  /** Those that had to be shown too. */
  readonly beside?: readonly Denial[];
  readonly differences: readonly ImageDifference[];
  /** Where it breaks the build. */
  readonly failure?: FailedPhase;
  /** The build that showed the effect. */
  readonly outcome?: BuildOutcome;
}

/**
 * The packages that a build which passed was denied, one denial for each. What is hardly ever a reason is no probe, unless the build says
 * itself that it looked for it.
 *
 * @param notFound what the build wrote down about what it did not find, see `readNotFound`
 */
export function listProbes(denials: readonly Denial[], notFound = ''): Denial[] {
  const joined = new Map<string, Denial>();
  for (const denial of denials) {
    // What tests look for is not installed.
    if (denial.phase === 'test' || (denial.weak && !isNamedIn(denial, notFound))) continue;
    const id = packageId(denial.package);
    const known = joined.get(id);
    joined.set(id, known === undefined ? { ...denial, weak: false } : joinDenials(known, denial));
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
  /** Builds with the packages of some denials shown. */
  show(denials: readonly Denial[]): Promise<ShownBuild>;
  /** Whether showing one package shows another with it, because it needs that in order to run. */
  brings(one: Denial, other: Denial): boolean;
  /** What is not known after so many builds is `untried`. */
  readonly most: number;
}

/**
 * Finds out what showing each of some packages does to a build that passes without them. Nearly always none of them does anything, and
 * one build that shows all says so. Otherwise each that the image then needs is shown by itself; where none of those is to blame, halving
 * finds who is. What is left is shown together again.
 *
 * - Packages that only have an effect together have it both.
 * - What a build with more shown asks for is shown too: who finds pkg-config asks it for libraries.
 * - What a package does that another one does which it brings with it is the other one's effect.
 *
 * @returns the effects in the order of `probes`, then those of what was asked for with their help
 */
export async function tryProbes(
  probes: readonly Denial[],
  builds: ProbeBuilds,
): Promise<readonly ProbeEffect[]> {
  const search: ProbeSearch = { show: rememberBuilds(builds), brings: builds.brings, effects: new Map() };
  let all = probes;
  let together = all.length === 0 ? undefined : await search.show(all);
  for (let further = askedFor(together, all); further.length > 0; further = askedFor(together, all)) {
    all = [...all, ...further];
    together = await search.show(all);
  }
  await explainOneByOne(search, all);
  await explainRest(search, all, together);
  return all.flatMap((probe) => search.effects.get(idOf(probe)) ?? []);
}

/** What is known while effects are looked for. */
interface ProbeSearch {
  /** Undefined where there may be no more builds. */
  readonly show: (denials: readonly Denial[]) => Promise<ShownBuild | undefined>;
  readonly brings: ProbeBuilds['brings'];
  /** By the ids of the packages. */
  readonly effects: Map<string, ProbeEffect>;
}

/** Whether a build in which some packages were shown shows an effect of theirs. */
type ShowsEffect = (denials: readonly Denial[], shown: ShownBuild) => boolean;

/** Concludes about each probe: a part with an effect is taken out until what is left shows none. */
async function explainOneByOne(search: ProbeSearch, probes: readonly Denial[]): Promise<void> {
  const shows: ShowsEffect = (denials, shown) => hasEffect(search, denials, shown);
  let rest = broughtFirst(search, probes);
  while (rest.length > 0) {
    const shown = await search.show(rest);
    if (shown !== undefined && !shows(rest, shown)) {
      conclude(search, rest, { effect: 'none', differences: [] });
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

/** Packages that others bring with them before those that bring them. */
function broughtFirst({ brings }: ProbeSearch, denials: readonly Denial[]): Denial[] {
  const rank = (bringing: Denial) => denials.filter((brought) => brings(bringing, brought)).length;
  return denials.toSorted((left, right) => rank(left) - rank(right));
}

/** The differences that are not known to be the effect of one of these packages, or of one that they bring with them. */
function ownDifferences(
  { effects, brings }: ProbeSearch,
  denials: readonly Denial[],
  { differences }: ShownBuild,
): ImageDifference[] {
  const known = [...effects.values()].filter(({ denial: explained }) =>
    denials.some((denial) => idOf(denial) === idOf(explained) || brings(denial, explained)),
  );
  const explained = new Set(known.flatMap((effect) => effect.differences.map(keyOf)));
  return differences.filter((difference) => !explained.has(keyOf(difference)));
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

/** Of the packages that the image needs with all of the rest shown, those that have an effect alone. */
async function tryGained(
  search: ProbeSearch,
  rest: readonly Denial[],
  { gained }: ShownBuild,
): Promise<readonly Denial[] | undefined> {
  const found: Denial[] = [];
  for (const probe of rest.filter((denial) => gained.has(idOf(denial)))) {
    const alone = await search.show([probe]);
    if (alone === undefined || !hasEffect(search, [probe], alone)) continue;
    conclude(search, [probe], readEffect(search, [probe], alone));
    found.push(probe);
  }
  return found.length === 0 ? undefined : found;
}

/** Finds the smallest part of some packages that shows an effect, and concludes what the effect is. */
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
  // A package that had an effect before keeps that one.
  const silent = found.filter((probe) => (search.effects.get(idOf(probe))?.effect ?? 'none') === 'none');
  const effect = readEffect(search, found, shown);
  for (const probe of silent) {
    const beside = found.filter((other) => other !== probe);
    conclude(search, [probe], { ...effect, ...(beside.length > 0 && { beside }) });
  }
  return found;
}

/** Explains what all of them do together and none does alone, where one of them does something else. */
async function explainRest(
  search: ProbeSearch,
  all: readonly Denial[],
  together: ShownBuild | undefined,
): Promise<void> {
  const known = new Set([...search.effects.values()].flatMap((effect) => effect.differences.map(keyOf)));
  const unknown = new Set(together?.differences.map(keyOf).filter((key) => !known.has(key)));
  if (unknown.size === 0) return;
  await findCulprits(search, broughtFirst(search, all), (_, { differences }) =>
    differences.some((difference) => unknown.has(keyOf(difference))),
  );
}

/** @returns undefined where there may be no more builds */
function rememberBuilds({
  show,
  most,
}: ProbeBuilds): (some: readonly Denial[]) => Promise<ShownBuild | undefined> {
  const built = new Map<string, ShownBuild>();
  return async (some) => {
    const key = some.map(idOf).sort().join(' ');
    const known = built.get(key);
    if (known !== undefined || built.size >= most) return known;
    const shown = await show(some);
    built.set(key, shown);
    return shown;
  };
}

const idOf = (denial: Denial): string => packageId(denial.package);

const keyOf = ({ aspect, change, path, name }: ImageDifference): string =>
  `${aspect} ${change} ${path} ${name ?? ''}`;

/** What a build in which some packages were shown was denied besides. */
function askedFor(shown: ShownBuild | undefined, known: readonly Denial[]): Denial[] {
  if (shown === undefined) return [];
  const { outcome } = shown;
  const ids = new Set(known.map(idOf));
  const denials = outcome.passed ? outcome.observations.denials : outcome.denials;
  return listProbes(denials).filter((one) => !ids.has(idOf(one)));
}
