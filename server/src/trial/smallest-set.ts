/**
 * Finds a smallest part of some things that shows their effect, by halving (A. Zeller and R. Hildebrandt, "Simplifying and Isolating
 * Failure-Inducing Input", 2002). Finding one thing takes twice the logarithm of their number.
 *
 * @param things they show the effect together
 * @param shows whether a part shows the effect; undefined if that cannot be found out
 * @returns undefined if `shows` gave undefined
 */
export async function findSmallestSet<Thing>(
  things: readonly Thing[],
  shows: (part: readonly Thing[]) => Promise<boolean | undefined>,
): Promise<readonly Thing[] | undefined> {
  return search(things, []);

  /** Finds the smallest part of `among` that shows the effect together with `given`, as all of `among` does. */
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
