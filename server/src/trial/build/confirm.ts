import type { Denial } from '../../audit/attribution.ts';
import { PHASES } from '../../package-manager/port.ts';
import type { BuildOutcome } from './build.ts';

/** What it took to get a build through. */
export interface Confirmation {
  /** The denials without which the build fails, each proven by builds with and without. */
  readonly required: readonly Denial[];
  /** The last build: with everything required shown. */
  readonly outcome: BuildOutcome;
}

/** Builds with the packages of some denials shown. */
export type BuildWith = (revealed: readonly Denial[]) => Promise<BuildOutcome>;

/** A build that gets through one phase only to fail in the next is tried again; this bounds a hopeless one. */
const MAXIMUM_ROUNDS = 12;

/**
 * Finds out which of the denied packages a failed build needs. A package that was only looked for is not one of them:
 * whoever is named here made the difference between a phase that failed and one that passed.
 *
 * @param onSuspect told of the likeliest cause before it is confirmed
 * @param onProven told each time a cause has been proven
 */
export async function confirmDenials(
  first: BuildOutcome,
  build: BuildWith,
  onSuspect: (denial: Denial) => void,
  onProven: (required: readonly Denial[]) => void,
): Promise<Confirmation> {
  let required: readonly Denial[] = [];
  let outcome = first;
  for (let round = 0; round < MAXIMUM_ROUNDS && !outcome.passed; round += 1) {
    const suspect = outcome.denials[0];
    if (suspect === undefined) break;
    onSuspect(suspect);
    const step = await passPhase(outcome, required, build);
    if (step === undefined) break;
    required = [...required, ...step.added];
    outcome = step.outcome;
    onProven(required);
  }
  return { required, outcome };
}

/** Whether a build got further than a phase. */
function passes(outcome: BuildOutcome, phase: string): boolean {
  if (outcome.passed) return true;
  const order = (name: string) => (PHASES as readonly string[]).indexOf(name);
  return order(outcome.failure?.phase ?? '') > order(phase);
}

async function passPhase(
  failed: BuildOutcome,
  required: readonly Denial[],
  build: BuildWith,
): Promise<{ readonly added: readonly Denial[]; readonly outcome: BuildOutcome } | undefined> {
  const phase = failed.failure?.phase ?? '';
  let candidates = failed.denials;
  const attempt = (shown: readonly Denial[]) => build([...required, ...shown]);

  // Nearly always the last thing that was denied before the failure is its cause.
  const [likeliest] = candidates;
  if (likeliest === undefined) return undefined;
  const alone = await attempt([likeliest]);
  if (passes(alone, phase)) return { added: [likeliest], outcome: alone };

  // Otherwise all are shown; what is found with their help may lead to asking for more.
  let all = candidates.length === 1 ? alone : await attempt(candidates);
  while (!passes(all, phase)) {
    const known = new Set(candidates.map((one) => nameOf(one)));
    const further = all.denials.filter((one) => !known.has(nameOf(one)));
    if (further.length === 0) return undefined;
    candidates = [...further, ...candidates];
    all = await attempt(candidates);
  }

  // Then each is hidden again, the least likely first, and stays hidden when the phase passes without it.
  let added = candidates;
  let outcome = all;
  for (const one of [...candidates].reverse()) {
    if (added.length === 1) break;
    const without = added.filter((other) => other !== one);
    const tried = await attempt(without);
    if (passes(tried, phase)) {
      added = without;
      outcome = tried;
    }
  }
  return { added, outcome };
}

const nameOf = (denial: Denial) =>
  `${denial.package.category}/${denial.package.name}-${denial.package.version}`;
