/**
 * Finds a smallest part of some things that together show an effect: leaving out any one of them, it would not be shown. By halving
 * (A. Zeller and R. Hildebrandt, "Simplifying and Isolating Failure-Inducing Input", 2002), so that one among many takes twice the
 * logarithm of their number to find.
 *
 * @param all they show the effect together
 * @param shows whether some of them do; undefined: nobody will know
 * @returns undefined where that had to be known
 */
export async function findSmallestSet<Thing>(
  all: readonly Thing[],
  shows: (some: readonly Thing[]) => Promise<boolean | undefined>,
): Promise<readonly Thing[] | undefined> {
  return search(all, []);

  /** The smallest part of `among` that shows the effect together with `given`, where all of `among` does. */
  async function search(
    among: readonly Thing[],
    given: readonly Thing[],
  ): Promise<readonly Thing[] | undefined> {
    if (among.length === 1) return among;
    const middle = Math.ceil(among.length / 2);
    const [first, second] = [among.slice(0, middle), among.slice(middle)];
    for (const half of [first, second]) {
      const alone = await shows([...given, ...half]);
      if (alone === undefined) return undefined;
      if (alone) return search(half, given);
    }
    const ofFirst = await search(first, [...given, ...second]);
    const ofSecond = ofFirst && (await search(second, [...given, ...ofFirst]));
    return ofSecond && [...ofFirst, ...ofSecond];
  }
}
