import type { FailedPhase, ImageDifference, Probe } from '../../audit/record.ts';
import { packageId } from '../../pms/package-id.ts';
import { type Denial, isNamedIn } from '../../trace/attribution.ts';
import type { Evidence } from '../../trace/evidence.ts';
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

/** As much evidence of one package as a record keeps. */
const EVIDENCE_KEPT = 4;

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
  const show = rememberBuilds(builds);
  const effects = new Map<string, ProbeEffect>();
  let all = probes;
  let together = all.length === 0 ? undefined : await show(all);
  for (let further = askedFor(together, all); further.length > 0; further = askedFor(together, all)) {
    all = [...all, ...further];
    together = await show(all);
  }

  let rest = broughtFirst(all);
  while (rest.length > 0) {
    const shown = await show(rest);
    if (shown !== undefined && !hasEffect(rest, shown)) {
      conclude(rest, { effect: 'none', differences: [] });
      break;
    }
    const found = shown && ((await tryGained(shown)) ?? (await search(rest, hasEffect)));
    if (found === undefined) {
      conclude(rest, { effect: 'untried', differences: [] });
      break;
    }
    rest = rest.filter((one) => !found.includes(one));
  }
  await explainRest();
  return all.flatMap((one) => effects.get(idOf(one)) ?? []);

  function conclude(some: readonly Denial[], effect: Omit<ProbeEffect, 'denial'>): void {
    for (const denial of some) effects.set(idOf(denial), { denial, ...effect });
  }

  function broughtFirst(some: readonly Denial[]): Denial[] {
    const rank = (one: Denial) => some.filter((other) => builds.brings(one, other)).length;
    return some.toSorted((left, right) => rank(left) - rank(right));
  }

  /** What differs, but for what is known to be the effect of one of these, or of what they bring with them. */
  function ownDifferences(some: readonly Denial[], { differences }: ShownBuild): ImageDifference[] {
    const known = [...effects.values()].filter(({ denial }) =>
      some.some((one) => idOf(one) === idOf(denial) || builds.brings(one, denial)),
    );
    const explained = new Set(known.flatMap((one) => one.differences.map(keyOf)));
    return differences.filter((one) => !explained.has(keyOf(one)));
  }

  function hasEffect(some: readonly Denial[], shown: ShownBuild): boolean {
    return !shown.outcome.passed || ownDifferences(some, shown).length > 0;
  }

  function readEffect(some: readonly Denial[], shown: ShownBuild): Omit<ProbeEffect, 'denial'> {
    const { outcome } = shown;
    const { passed, failure } = outcome;
    const differences = ownDifferences(some, shown);
    return {
      effect: passed ? 'changes' : 'breaks',
      differences,
      outcome,
      ...(failure !== undefined && { failure }),
    };
  }

  /** Of the packages that the image needs with all of the rest shown, those that have an effect alone. */
  async function tryGained({ gained }: ShownBuild): Promise<readonly Denial[] | undefined> {
    const found: Denial[] = [];
    for (const one of rest.filter((each) => gained.has(idOf(each)))) {
      const alone = await show([one]);
      if (alone === undefined || !hasEffect([one], alone)) continue;
      conclude([one], readEffect([one], alone));
      found.push(one);
    }
    return found.length === 0 ? undefined : found;
  }

  /** Finds the smallest part of some packages that shows an effect, and concludes what it is. */
  async function search(
    among: readonly Denial[],
    shows: typeof hasEffect,
  ): Promise<readonly Denial[] | undefined> {
    const found = await findSmallestSet(among, async (some) => {
      const shown = await show(some);
      return shown && shows(some, shown);
    });
    const shown = found && (await show(found));
    if (found === undefined || shown === undefined) return undefined;
    // What had an effect before keeps it.
    const silent = found.filter((one) => (effects.get(idOf(one))?.effect ?? 'none') === 'none');
    const effect = readEffect(found, shown);
    for (const one of silent) {
      const beside = found.filter((other) => other !== one);
      conclude([one], { ...effect, ...(beside.length > 0 && { beside }) });
    }
    return found;
  }

  /** What all of them do together and none does alone, beside one that does something else. */
  async function explainRest(): Promise<void> {
    const known = new Set([...effects.values()].flatMap((one) => one.differences.map(keyOf)));
    const unknown = new Set(together?.differences.map(keyOf).filter((key) => !known.has(key)));
    if (unknown.size > 0)
      await search(broughtFirst(all), (_, { differences }) =>
        differences.some((one) => unknown.has(keyOf(one))),
      );
  }
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
