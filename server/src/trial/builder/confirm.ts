import { PHASES, type Phase } from '../../package-manager/port.ts';
import { type Denial, isNamedIn } from '../../trace/denial.ts';
import { findSmallestSet } from '../smallest-set.ts';
import type { BuildOutcome } from './build-plan.ts';

/** The part of a build's outcome that confirming needs. `ebuild-audit runtime` gives the same for a run of its command. */
export type Attempt = Pick<BuildOutcome, 'passed' | 'failure' | 'denials' | 'stopped'>;

/** The result of confirming: the required packages, and the build with them. */
export interface Confirmation<Outcome extends Attempt> {
  /** The denials without which the build fails, each proven by builds with and without the package. */
  readonly required: readonly Denial[];
  /** The build with everything required visible. If no package explains its failure, the failure is that with every suspect visible. */
  readonly outcome: Outcome;
}

/** Builds with the packages of some denials visible. @param until the last phase that is needed; absent: all are */
export type BuildWith<Outcome extends Attempt> = (
  revealed: readonly Denial[],
  until?: Phase,
) => Promise<Outcome>;

/** Limit in rounds, each of which gets the build through one more phase. */
const MAXIMUM_ROUNDS = 12;

/**
 * Finds the denied packages that a failed build needs. A package that was only looked for is not required: each required package made the
 * difference between a phase that failed and one that passed.
 *
 * @param onSuspect called with the likeliest cause before it is confirmed, and with the causes that are proven
 * @param onProven called with all proven causes each time there is another one
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
      // The earlier message may name something that has been revealed since, which would mislead.
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
 * Puts the denials of a failed phase in the order in which they are suspects. A weak denial counts as strong if the output names it, and
 * comes first if the output names no strong one.
 *
 * @param denials likeliest first, as far as the trace shows
 * @param output the output of the phase
 * @param phase the phase that failed: denials of earlier ones come last; absent if there is only one phase
 */
export function rankByOutput(denials: readonly Denial[], output: string, phase?: string): Denial[] {
  const isNamed = (denial: Denial) => isNamedIn(denial, output);
  const earlier = denials.filter((denial) => phase !== undefined && denial.phase !== phase);
  if (earlier.length > 0) {
    const ofPhase = denials.filter((denial) => !earlier.includes(denial));
    const [named, unnamed] = partition(earlier, isNamed);
    return [...rankByOutput(ofPhase, output), ...named, ...unnamed];
  }
  const [weak, strong] = partition(denials, (denial) => denial.weak);
  const [named, unnamed] = partition(weak, isNamed);
  const raised = named.map((denial): Denial => ({ ...denial, weak: false }));
  return strong.some(isNamed) ? [...strong, ...raised, ...unnamed] : [...raised, ...strong, ...unnamed];
}

function partition(denials: readonly Denial[], isFirst: (denial: Denial) => boolean): [Denial[], Denial[]] {
  const first = denials.filter(isFirst);
  return [first, denials.filter((denial) => !first.includes(denial))];
}

/** A weak denial is a suspect only if there is no strong one. */
function likeliestOf(denials: readonly Denial[]): Denial | undefined {
  return denials.find(({ weak }) => !weak) ?? denials[0];
}

/** Whether an attempt got further than a phase. */
function passes(outcome: Attempt, phase: string): boolean {
  if (outcome.passed) return true;
  const order = (name: string) => (PHASES as readonly string[]).indexOf(name);
  return order(outcome.failure?.phase ?? '') > order(phase);
}

/** @returns the packages that got the build through its phase, or its failure with every suspect visible */
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
    // The steps that were built already are reused, so this builds only the rest.
    return { added, outcome: outcome.stopped === true ? await build([...required, ...added]) : outcome };
  };

  // The last denial before the failure is nearly always its cause.
  const likeliest = likeliestOf(failed.denials);
  if (likeliest === undefined) return { unexplained: failed.failure };
  const alone = await attempt([likeliest]);
  if (passes(alone, phase)) return conclude([likeliest]);

  // If it is not, all suspects are revealed, those with weak denials last. The build may then ask for more.
  let candidates: readonly Denial[] = [likeliest];
  let together = alone;
  while (!passes(together, phase)) {
    const further = exceptKnown([...failed.denials, ...together.denials], candidates);
    const strong = further.filter(({ weak }) => !weak);
    if (further.length === 0) return { unexplained: together.failure };
    candidates = [...candidates, ...(strong.length > 0 ? strong : further)];
    together = await attempt(candidates);
  }

  const added = await findSmallestSet(candidates, async (part) => passes(await attempt(part), phase));
  return added === undefined ? { unexplained: failed.failure } : conclude(added);
}

/** Lists one denial for each package that is not among the known ones. */
function exceptKnown(denials: readonly Denial[], known: readonly Denial[]): Denial[] {
  const names = new Set(known.map(nameOf));
  return denials.filter((denial) => !names.has(nameOf(denial)) && names.add(nameOf(denial)));
}

const nameOf = (denial: Denial) =>
  `${denial.package.category}/${denial.package.name}-${denial.package.version}`;
