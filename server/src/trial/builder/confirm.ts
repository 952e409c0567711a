import { PHASES, type Phase } from '../../package-manager/port.ts';
import { type Denial, findNamed } from '../../trace/denial.ts';
import { findSmallestSet } from '../smallest-set.ts';
import type { BuildOutcome } from './build-plan.ts';
import { describeUnsteady, isNoChance } from './chance.ts';
import { explainsFailure } from './explained-failure.ts';

/** The part of a build's outcome that confirming needs. `ebuild-audit runtime` gives the same for a run of its command. */
export type Attempt = Pick<BuildOutcome, 'passed' | 'failure' | 'denials' | 'stopped'>;

/** The result of confirming: the required packages, and the build with them. */
export interface Confirmation<Outcome extends Attempt> {
  /** The denials without which the build fails, each proven by builds with and without the package. */
  readonly required: readonly Denial[];
  /** The build with everything required visible. If no package explains its failure, the failure is that with every suspect visible. */
  readonly outcome: Outcome;
  /** The build with every suspect visible, if that failed too: what it did counts, although it proves nothing about the suspects. */
  readonly last: Outcome | undefined;
  /** One sentence for each failure that did not occur again when the same was built again; nothing is blamed for it. */
  readonly unsteady: readonly string[];
}

/** The builds by which denials are confirmed. */
export interface ConfirmingBuilds<Outcome extends Attempt> {
  /** Builds with the packages of some denials visible. @param until the last phase that is needed; absent: all are */
  build(revealed: readonly Denial[], until?: Phase): Promise<Outcome>;
  /** Builds again, independently of all earlier builds, as far as they ran otherwise with the packages of `compared` visible. */
  again(revealed: readonly Denial[], compared: readonly Denial[], until?: Phase): Promise<Outcome>;
  /** Whether showing `bringing` shows `brought` too, because it needs that in order to run; absent if nothing is known of that. */
  brings?(bringing: Denial, brought: Denial): boolean;
}

/** Limit in rounds, each of which gets the build through one more phase. */
const MAXIMUM_ROUNDS = 12;
/** Limit in builds with the package that explains a failure, if they fail for another reason. */
const MOST_RETRIES = 2;
/** Limit in builds with other suspects, each alone, if the first error does not say which it was. */
const MOST_ALTERNATIVES = 4;

/**
 * Finds the denied packages that a failed build needs. A package that was only looked for is not required: each required package made the
 * difference between a phase that failed and one that passed, and chance did not.
 *
 * @param onSuspect called with the likeliest cause before it is confirmed, and with the causes that are proven
 * @param onProven called with all proven causes each time there is another one
 */
export async function confirmDenials<Outcome extends Attempt>(
  first: Outcome,
  builds: ConfirmingBuilds<Outcome>,
  onSuspect: (denial: Denial, proven: readonly Denial[]) => void,
  onProven: (required: readonly Denial[]) => void,
): Promise<Confirmation<Outcome>> {
  let required: readonly Denial[] = [];
  let outcome = first;
  let last: Outcome | undefined;
  const rounds: PassedRound[] = [];
  const unsteady: string[] = [];
  for (let round = 0; round < MAXIMUM_ROUNDS && !outcome.passed; round += 1) {
    const suspect = likeliestOf(outcome);
    if (suspect === undefined) break;
    onSuspect(suspect, required);
    const step = await passPhase(outcome, required, builds);
    unsteady.push(...step.unsteady);
    required = [...required, ...step.added];
    rounds.push({ asked: outcome.denials, added: step.added, among: step.among ?? [] });
    outcome = step.outcome;
    last = step.last;
    if (step.isUnexplained) break;
    onProven(required);
  }
  for (const denial of outcome.passed ? listSecondWays(rounds) : []) {
    const others = required.filter((other) => other !== denial);
    const without = await builds.build(others);
    if (!without.passed) continue;
    required = others;
    outcome = without;
    onProven(required);
  }
  if (!outcome.passed) return { required, outcome, last, unsteady };
  for (const { denial, brought } of listBringers(rounds, builds)) {
    const replaced = await replaceBringer(denial, brought, required, builds);
    if (replaced === undefined) continue;
    ({ required, outcome } = replaced);
    onProven(required);
  }
  return { required, outcome, last, unsteady };
}

/** A required package with those that it brings and the build asked for. */
interface Bringer {
  readonly denial: Denial;
  readonly brought: readonly Denial[];
}

/**
 * Lists the required packages that halving may have found only because they bring others that the build asked for: dev-qt/qtprintsupport
 * brings dev-qt/qtcore, so that it alone can be enough where only the latter is used. What an app-alternatives brings is not meant in its
 * place: it is the program that it has chosen.
 */
function listBringers<Outcome extends Attempt>(
  rounds: readonly PassedRound[],
  { brings }: ConfirmingBuilds<Outcome>,
): Bringer[] {
  if (brings === undefined) return [];
  return rounds.flatMap(({ among, added }) =>
    added.flatMap((denial) => {
      if (choosesProgram(denial)) return [];
      const brought = among.filter((other) => nameOf(other) !== nameOf(denial) && brings(denial, other));
      return brought.length === 0 ? [] : [{ denial, brought }];
    }),
  );
}

/** Finds the smallest part of what a package brings with which the build passes without it; undefined if the build needs it. */
async function replaceBringer<Outcome extends Attempt>(
  denial: Denial,
  brought: readonly Denial[],
  required: readonly Denial[],
  { build }: ConfirmingBuilds<Outcome>,
): Promise<{ readonly required: readonly Denial[]; readonly outcome: Outcome } | undefined> {
  const others = required.filter((other) => other !== denial);
  const known = others.map(nameOf);
  const parts = brought.filter((other) => !known.includes(nameOf(other)));
  if (others.length === required.length) return undefined;
  const tried = new Map<string, Outcome>();
  const attempt = async (part: readonly Denial[]): Promise<Outcome> => {
    const key = part.map(nameOf).sort().join(' ');
    const outcome = tried.get(key) ?? (await build([...others, ...part]));
    tried.set(key, outcome);
    return outcome;
  };
  if (!(await attempt(parts)).passed) return undefined;
  const smallest =
    parts.length === 0 ? [] : await findSmallestSet(parts, async (part) => (await attempt(part)).passed);
  const needed = smallest ?? parts;
  const outcome = await attempt(needed);
  return outcome.passed ? { required: [...others, ...needed], outcome } : undefined;
}

/** A round that got the build through a phase. */
interface PassedRound {
  /** The denials of the build that failed. */
  readonly asked: readonly Denial[];
  readonly added: readonly Denial[];
  /** The suspects that were halved; empty if the first one was enough. */
  readonly among: readonly Denial[];
}

/**
 * Lists the required packages that a build may have asked for only because it lacked another one, which it had asked for before, and which
 * a later round has found. With that one visible, they may not be needed.
 */
function listSecondWays(rounds: readonly PassedRound[]): Denial[] {
  return rounds.flatMap(({ asked, added }, at) => {
    const later = rounds.slice(at + 1).flatMap((round) => round.added.map(nameOf));
    return added.filter(({ first }) =>
      asked.some((denial) => later.includes(nameOf(denial)) && denial.first < first),
    );
  });
}

/**
 * Puts the denials of a failed phase in the order in which they are suspects. A weak denial counts as strong if the output names it, and
 * comes first if the output names no strong one.
 *
 * @param denials likeliest first, as far as the trace shows
 * @param output the output of the phase
 * @param phase the phase that failed: denials of earlier ones come last; absent if there is only one phase
 */
export function rankByOutput(denials: readonly Denial[], output: string, phase?: string): Denial[] {
  const isNamed = findNamed(output);
  const earlier = denials.filter((denial) => phase !== undefined && denial.phase !== phase);
  if (earlier.length > 0) {
    const ofPhase = denials.filter((denial) => !earlier.includes(denial));
    const [named, unnamed] = partition(earlier, isNamed);
    return [...rankByOutput(ofPhase, output), ...named, ...unnamed];
  }
  // If a module lacks one that it requires, pkg-config fails: nothing else says so.
  const [weak, strong] = partition(denials, (denial) => denial.weak && !denial.kinds.includes('pkg-config'));
  const [named, unnamed] = partition(weak, isNamed);
  const raised = named.map((denial): Denial => ({ ...denial, weak: false }));
  return strong.some(isNamed) ? [...strong, ...raised, ...unnamed] : [...raised, ...strong, ...unnamed];
}

function partition(denials: readonly Denial[], isFirst: (denial: Denial) => boolean): [Denial[], Denial[]] {
  const first = denials.filter(isFirst);
  return [first, denials.filter((denial) => !first.includes(denial))];
}

/**
 * The denial that the first error names. If there is none, the last one is nearly always the cause; a weak denial is a suspect only if there
 * is no strong one.
 */
function likeliestOf({ denials, failure }: Attempt): Denial | undefined {
  const named = denials.find((denial) => explainsFailure(denial, failure?.firstError ?? ''));
  return named ?? denials.find(({ weak }) => !weak) ?? denials[0];
}

/** Whether an attempt got further than a phase. */
function passes(outcome: Attempt, phase: string): boolean {
  if (outcome.passed) return true;
  const order = (name: string) => (PHASES as readonly string[]).indexOf(name);
  return order(outcome.failure?.phase ?? '') > order(phase);
}

/** The result of one round. */
interface Round<Outcome extends Attempt> {
  /** The packages that got the build through its phase; empty if it was chance, or nothing explains the failure. */
  readonly added: readonly Denial[];
  /** The suspects that were halved, if that found them. */
  readonly among?: readonly Denial[];
  /** The build with them. */
  readonly outcome: Outcome;
  /** Whether no package explains the failure of `outcome`. */
  readonly isUnexplained?: true;
  /** See {@link Confirmation}. */
  readonly last?: Outcome;
  readonly unsteady: readonly string[];
}

/** A build of one round, with the packages that were visible in addition to those that earlier rounds have proven. */
interface Tried<Outcome extends Attempt> {
  readonly shown: readonly Denial[];
  readonly outcome: Outcome;
}

async function passPhase<Outcome extends Attempt>(
  failed: Outcome,
  required: readonly Denial[],
  { build, again }: ConfirmingBuilds<Outcome>,
): Promise<Round<Outcome>> {
  const phase = failed.failure?.phase as Phase;
  const tried = new Map<string, Tried<Outcome>>([['', { shown: [], outcome: failed }]]);
  const attempt = async (shown: readonly Denial[]): Promise<Outcome> => {
    const key = shown.map(nameOf).sort().join(' ');
    const outcome = tried.get(key)?.outcome ?? (await build([...required, ...shown], phase));
    tried.set(key, { shown, outcome });
    return outcome;
  };
  const retry = async (shown: readonly Denial[]): Promise<Outcome> => {
    const outcome = await again([...required, ...shown], required, phase);
    tried.set(shown.map(nameOf).sort().join(' '), { shown, outcome });
    return outcome;
  };
  // The earlier message may name something that has been revealed since, which would mislead.
  const giveUp = (last: Outcome, unsteady: readonly string[] = []): Round<Outcome> => ({
    added: [],
    outcome: { ...failed, failure: last.failure },
    isUnexplained: true,
    last,
    unsteady,
  });
  const found = await findCause(failed, phase, attempt, retry);
  if ('unexplained' in found) return giveUp(found.unexplained);
  const proof = await dropChance(found.added, required, phase, [...tried.values()], again);
  if (proof.added.length === 0)
    return proof.passed === undefined
      ? giveUp(failed, proof.unsteady)
      : { added: [], outcome: proof.passed, unsteady: proof.unsteady };
  const outcome = proof.passed ?? (await attempt(proof.added));
  return {
    added: proof.added,
    ...(found.among !== undefined && { among: found.among }),
    // The steps that were built already are reused, so this builds only the rest.
    outcome: outcome.stopped === true ? await build([...required, ...proof.added]) : outcome,
    unsteady: proof.unsteady,
  };
}

/** Whether the first error of a failed build names a denied package. */
function isExplained({ denials, failure }: Attempt): boolean {
  return denials.some((denial) => explainsFailure(denial, failure?.firstError ?? ''));
}

/** The packages that got a build through a phase. */
type Cause = Pick<Round<Attempt>, 'added' | 'among'>;

/** Finds the smallest set of denied packages with which a build got further than a phase. */
async function findCause<Outcome extends Attempt>(
  failed: Outcome,
  phase: Phase,
  attempt: (shown: readonly Denial[]) => Promise<Outcome>,
  retry: (shown: readonly Denial[]) => Promise<Outcome>,
): Promise<Cause | { readonly unexplained: Outcome }> {
  const likeliest = likeliestOf(failed);
  if (likeliest === undefined) return { unexplained: failed };
  let alone = await attempt([likeliest]);
  // The failure was explained and the next one is not, so that one may be chance.
  for (let retries = 0; retries < MOST_RETRIES && !passes(alone, phase); retries += 1) {
    if (!isExplained(failed) || isExplained(alone)) break;
    alone = await retry([likeliest]);
  }
  if (passes(alone, phase)) return { added: await chooseSufficient(likeliest, failed, phase, attempt) };

  // If it is not the cause, all suspects are revealed, those with weak denials last. The build may then ask for more.
  let candidates: readonly Denial[] = [likeliest];
  let together = alone;
  while (!passes(together, phase)) {
    const further = exceptKnown([...failed.denials, ...together.denials], candidates);
    const strong = further.filter(({ weak }) => !weak);
    if (further.length === 0) return { unexplained: together };
    candidates = [...candidates, ...(strong.length > 0 ? strong : further)];
    together = await attempt(candidates);
  }
  const added = await findSmallestSet(candidates, async (part) => passes(await attempt(part), phase));
  return added === undefined ? { unexplained: failed } : { added, among: candidates };
}

/**
 * Chooses among the packages that get a failed build through its phase, each alone: a build may look for a second way after the first one
 * failed. The one that it asked for first is meant, and the others are kept with it. An app-alternatives goes before the program that it has
 * chosen: a build that looks for flex and then for lex is content with either.
 *
 * @param sufficient one of them
 * @returns what is meant: one package, or several that are enough together
 */
async function chooseSufficient<Outcome extends Attempt>(
  sufficient: Denial,
  failed: Outcome,
  phase: Phase,
  attempt: (shown: readonly Denial[]) => Promise<Outcome>,
): Promise<readonly Denial[]> {
  const others = exceptKnown(failed.denials, [sufficient])
    .filter(
      (other) => (!other.weak || other.kinds.includes('pkg-config')) && other.phase === sufficient.phase,
    )
    .toSorted((left, right) => left.first - right.first);
  if (explainsFailure(sufficient, failed.failure?.firstError ?? ''))
    return chooseFirstWay(sufficient, others, async (shown) => passes(await attempt(shown), phase));
  const found = [sufficient];
  for (const other of others.slice(0, MOST_ALTERNATIVES))
    if (passes(await attempt([other]), phase)) found.push(other);
  const [chosen, ...rest] = found.toSorted(
    (left, right) => Number(choosesProgram(right)) - Number(choosesProgram(left)) || left.first - right.first,
  );
  if (chosen === undefined || rest.length === 0) return [sufficient];
  return [{ ...chosen, instead: rest.map((denial) => denial.package) }];
}

/**
 * Chooses between the package that the first error names and those that the build asked for earlier. The error may speak of a second way,
 * such as a tool with which the build finds a library that pkg-config does not know. One build with all the earlier ones shows whether there
 * was a first way; headers that a build only checks for are none.
 */
async function chooseFirstWay(
  named: Denial,
  others: readonly Denial[],
  isEnough: (shown: readonly Denial[]) => Promise<boolean>,
): Promise<readonly Denial[]> {
  const earlier = others.filter(({ first }) => first < named.first);
  if (choosesProgram(named)) return [named];
  const isWay = ({ kinds }: Denial) => kinds.some((kind) => kind === 'pkg-config' || kind === 'cmake');
  if (!earlier.some(isWay) && !(named.kinds.includes('program') && earlier.length > 0)) return [named];
  if (!(await isEnough(earlier))) return [named];
  const found = await findSmallestSet(earlier, isEnough);
  const [chosen, ...more] = found ?? [];
  return chosen === undefined ? [named] : [{ ...chosen, instead: [named.package] }, ...more];
}

/** The packages that are proven, and how. */
interface Proof<Outcome extends Attempt> {
  readonly added: readonly Denial[];
  /** A build that passed the phase with only these visible, because another one is not needed; it goes on to the end. */
  readonly passed: Outcome | undefined;
  readonly unsteady: readonly string[];
}

/**
 * Leaves out the packages of which only chance has made a difference. A package that the first error of a build without it names needs no
 * further proof.
 */
async function dropChance<Outcome extends Attempt>(
  suspects: readonly Denial[],
  required: readonly Denial[],
  phase: Phase,
  tried: readonly Tried<Outcome>[],
  again: ConfirmingBuilds<Outcome>['again'],
): Promise<Proof<Outcome>> {
  let added = suspects;
  let passed: Outcome | undefined;
  const unsteady: string[] = [];
  for (const suspect of suspects) {
    const failures = tried.filter(
      ({ shown, outcome }) =>
        !shown.some((other) => nameOf(other) === nameOf(suspect)) && !passes(outcome, phase),
    );
    const words = failures.flatMap(({ outcome }) => outcome.failure?.firstError ?? []);
    if (words.some((error) => explainsFailure(suspect, error))) continue;
    const others = added.filter((other) => other !== suspect);
    const [without, withIt] = [
      [...required, ...others],
      [...required, ...added],
    ];
    let last: Outcome | undefined;
    const isNeeded = await isNoChance(
      async () => {
        last = await again(without, withIt);
        return !passes(last, phase);
      },
      async () => passes(await again(withIt, without, phase), phase),
    );
    if (isNeeded) continue;
    unsteady.push(describeUnsteady(phase, words[0] ?? 'no reason given'));
    // With it, the build did not pass often enough to prove anything.
    if (last === undefined || !passes(last, phase)) return { added: [], passed: undefined, unsteady };
    added = others;
    passed = last;
  }
  return { added, passed, unsteady };
}

/** Lists one denial for each package that is not among the known ones. */
function exceptKnown(denials: readonly Denial[], known: readonly Denial[]): Denial[] {
  const names = new Set(known.map(nameOf));
  return denials.filter((denial) => !names.has(nameOf(denial)) && names.add(nameOf(denial)));
}

const choosesProgram = ({ package: { category } }: Denial) => category === 'app-alternatives';

const nameOf = (denial: Denial) =>
  `${denial.package.category}/${denial.package.name}-${denial.package.version}`;
