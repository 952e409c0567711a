/**
 * Tells the effect of a package from chance. A build with parallel jobs may fail now and then, and then passes in the next view whatever that
 * shows.
 */

/**
 * How often the view that fails must fail, its first build included, and how often the other one must pass. A build that fails with
 * probability p in both views is mistaken for one that needs the package once in 21,000 trials for p = 1/3, and once in 400 at the worst
 * (p = 3/4).
 */
const FAILURES = 8;
const PASSES = 3;
/** How much likelier the builds must be if the package is needed than if chance decides, with the probability that suits chance best. */
const LIKELIHOOD_RATIO = 600;
/** Limit in builds. They are needed only if builds fail in the view that passes: a package may be needed by a build that also fails by chance. */
const MOST_BUILDS = 24;

/**
 * Repeats two builds, one that failed and one that passed, until chance is ruled out as the difference between them. The one that passed
 * does not count, because it was chosen among several.
 *
 * @param failsAgain builds again in the view that failed, and says whether it fails again
 * @param passesAgain builds again in the view that passed, and says whether it passes again
 * @returns false as soon as a build passes in the view that failed, or too many fail in the other
 */
export async function isNoChance(
  failsAgain: () => Promise<boolean>,
  passesAgain: () => Promise<boolean>,
): Promise<boolean> {
  let failures = 1;
  let passes = 0;
  let odd = 0;
  while (failures + passes + odd < MOST_BUILDS) {
    const isEnough = failures >= FAILURES && passes >= PASSES;
    if (isEnough && compareLikelihoods(failures, passes, odd) >= Math.log(LIKELIHOOD_RATIO)) return true;
    // The first two of each tell most: one shows a build that seldom fails, the other a build that nearly always does.
    const isOthersTurn =
      failures < FAILURES ? passes + odd < Math.min(failures - 1, 2) : 2 * (passes + odd) <= failures;
    if (isOthersTurn || (failures >= FAILURES && passes < PASSES)) {
      if (await passesAgain()) passes += 1;
      else odd += 1;
    } else {
      if (!(await failsAgain())) return false;
      failures += 1;
    }
  }
  return false;
}

/**
 * The logarithm of the ratio of two likelihoods: that one view always fails and the other fails by chance, and that both fail by chance.
 *
 * @param failures of the first view
 * @param passes of the second view
 * @param odd failures of the second view
 */
function compareLikelihoods(failures: number, passes: number, odd: number): number {
  return best(odd, passes) - best(failures + odd, passes);
}

/** The logarithm of the greatest likelihood of some failures and passes. */
function best(failures: number, passes: number): number {
  const part = (count: number) => (count === 0 ? 0 : count * Math.log(count / (failures + passes)));
  return part(failures) + part(passes);
}

/** The sentence about a build that failed by chance. @param words its first error */
export function describeUnsteady(phase: string, words: string): string {
  return `the build fails now and then, so nothing is blamed for it: the ${phase} phase failed in one build and passed in another one of the same (${words})`;
}
