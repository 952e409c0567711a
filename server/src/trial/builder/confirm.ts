import { PHASES, type Phase } from '../../package-manager/port.ts';
import { type Denial, isNamedIn } from '../../trace/denial.ts';
import { findSmallestSet } from '../smallest-set.ts';
import type { BuildOutcome } from './build-plan.ts';

/** What is asked of a build, or of a run of something else that fails where a package is hidden. */
export type Attempt = Pick<BuildOutcome, 'passed' | 'failure' | 'denials' | 'stopped'>;

/** What it took to get a build through. */
export interface Confirmation<Outcome extends Attempt> {
  /** The denials without which the build fails, each proven by builds with and without. */
  readonly required: readonly Denial[];
  /** The last build: with everything required shown. A failure that no package explains is told as with every suspect shown. */
  readonly outcome: Outcome;
}

/** Builds with the packages of some denials shown. @param until it need not go further than this phase; absent: it must */
export type BuildWith<Outcome extends Attempt> = (
  revealed: readonly Denial[],
  until?: Phase,
) => Promise<Outcome>;

/** A build that gets through one phase only to fail in the next is tried again; this bounds a hopeless one. */
const MAXIMUM_ROUNDS = 12;

/**
 * Finds out which of the denied packages a failed build needs. A package that was only looked for is not one of them:
 * whoever is named here made the difference between a phase that failed and one that passed.
 *
 * @param onSuspect told of the likeliest cause before it is confirmed, and of what has been proven
 * @param onProven told each time a cause has been proven
 */
export async function confirmDenials<Outcome extends Attempt>(
  first: Outcome,
  build: BuildWith<Outcome>,
  onSuspect: (denial: Denial, proven: readonly Denial[]) => void,
  onProven: (required: readonly Denial[]) => void,
): Promise<Confirmation<Outcome>> {
  let required: readonly Denial[] = [];
  let outcome = first;
  for (let round = 0; round < MAXIMUM_ROUNDS && !outcome.passed; round += 1) {
    const suspect = likeliestOf(outcome.denials);
    if (suspect === undefined) break;
    onSuspect(suspect, required);
    const step = await passPhase(outcome, required, build);
    if ('unexplained' in step) {
      // What it said before may be the want of something that was shown since, and that would mislead.
      outcome = { ...outcome, failure: step.unexplained };
      break;
    }
    required = [...required, ...step.added];
    outcome = step.outcome;
    onProven(required);
  }
  return { required, outcome };
}

/**
 * Puts the denials of a failed phase in the order in which they are suspects. What is hardly ever a reason is one all the same where the
 * output names it, and the first where it names no other.
 *
 * @param denials likeliest first, as far as the trace tells
 * @param output what the phase printed
 * @param phase the one that failed: what was denied before it comes last; absent: there is only one
 */
export function rankByOutput(denials: readonly Denial[], output: string, phase?: string): Denial[] {
  const earlier = denials.filter((one) => phase !== undefined && one.phase !== phase);
  if (earlier.length > 0) {
    const ofPhase = denials.filter((one) => !earlier.includes(one));
    const named = earlier.filter((one) => isNamedIn(one, output));
    const others = earlier.filter((one) => !named.includes(one));
    return [...rankByOutput(ofPhase, output), ...named, ...others];
  }
  const strong = denials.filter(({ weak }) => !weak);
  const weak = denials.filter((one) => one.weak);
  const named = weak.filter((one) => isNamedIn(one, output));
  const raised = named.map((one): Denial => ({ ...one, weak: false }));
  const others = weak.filter((one) => !named.includes(one));
  return strong.some((one) => isNamedIn(one, output))
    ? [...strong, ...raised, ...others]
    : [...raised, ...strong, ...others];
}

/** What is hardly ever a reason is a suspect only where there is no other. */
function likeliestOf(denials: readonly Denial[]): Denial | undefined {
  return denials.find(({ weak }) => !weak) ?? denials[0];
}

/** Whether a build got further than a phase. */
function passes(outcome: Attempt, phase: string): boolean {
  if (outcome.passed) return true;
  const order = (name: string) => (PHASES as readonly string[]).indexOf(name);
  return order(outcome.failure?.phase ?? '') > order(phase);
}

/** @returns what got the build further, or how it fails with everything shown that it asked for */
async function passPhase<Outcome extends Attempt>(
  failed: Outcome,
  required: readonly Denial[],
  build: BuildWith<Outcome>,
): Promise<
  | { readonly added: readonly Denial[]; readonly outcome: Outcome }
  | { readonly unexplained: Outcome['failure'] }
> {
  const phase = failed.failure?.phase as Phase;
  const tried = new Map<string, Outcome>();
  const attempt = async (shown: readonly Denial[]): Promise<Outcome> => {
    const key = shown.map(nameOf).sort().join(' ');
    const outcome = tried.get(key) ?? (await build([...required, ...shown], phase));
    tried.set(key, outcome);
    return outcome;
  };
  const conclude = async (added: readonly Denial[]) => {
    const outcome = await attempt(added);
    // In steps that is what was built already, and the rest.
    return { added, outcome: outcome.stopped === true ? await build([...required, ...added]) : outcome };
  };

  // Nearly always the last thing that was denied before the failure is its cause.
  const likeliest = likeliestOf(failed.denials);
  if (likeliest === undefined) return { unexplained: failed.failure };
  const alone = await attempt([likeliest]);
  if (passes(alone, phase)) return conclude([likeliest]);

  // Otherwise all are shown, what is hardly ever a reason only at last; what is found with their help may lead to asking for more.
  let candidates: readonly Denial[] = [likeliest];
  let all = alone;
  while (!passes(all, phase)) {
    const further = exceptKnown([...failed.denials, ...all.denials], candidates);
    const strongOnes = further.filter(({ weak }) => !weak);
    if (further.length === 0) return { unexplained: all.failure };
    candidates = [...candidates, ...(strongOnes.length > 0 ? strongOnes : further)];
    all = await attempt(candidates);
  }

  // Then as few of them as are enough.
  const added = await findSmallestSet(candidates, async (some) => passes(await attempt(some), phase));
  return added === undefined ? { unexplained: failed.failure } : conclude(added);
}

/** The denials of other packages than those known, one for each. */
function exceptKnown(denials: readonly Denial[], known: readonly Denial[]): Denial[] {
  const names = new Set(known.map(nameOf));
  return denials.filter((one) => !names.has(nameOf(one)) && names.add(nameOf(one)));
}

const nameOf = (denial: Denial) =>
  `${denial.package.category}/${denial.package.name}-${denial.package.version}`;
