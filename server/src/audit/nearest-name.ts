/** Names with more typing errors than this are different names. */
const MOST_ERRORS = 2;
/** A text with more unknown packages has a problem other than typing errors. */
const MOST_SEARCHES = 20;

/** A name that no package has, and the best match so far. */
interface Search {
  readonly category: string;
  readonly name: string;
  readonly written: string;
  near?: string;
  score: number;
}

/**
 * Finds the packages that were most likely meant by names that do not exist: one with the same name in another
 * category, else one of the same category with one or two typing errors in its name (one in names of up to six
 * letters).
 *
 * @param written `category/name` each; the first twenty are searched together, because there are tens of thousands of
 *   packages
 * @param names every existing `category/name`; not called if `written` is empty
 * @returns the nearest name for each of `written` that has one
 */
export function nearestNames(
  written: readonly string[],
  names: () => Iterable<string>,
): ReadonlyMap<string, string> {
  const searches = [...new Set(written)].slice(0, MOST_SEARCHES).map((word): Search => {
    const slash = word.indexOf('/');
    const category = word.slice(0, slash);
    const name = word.slice(slash + 1);
    return { category, name, written: word, score: Number.POSITIVE_INFINITY };
  });
  if (searches.length === 0) return new Map();
  for (const candidate of names()) {
    for (const search of searches) {
      const { category, name } = search;
      const nameStart = candidate.length - name.length;
      if (candidate.endsWith(name) && candidate[nameStart - 1] === '/') {
        const distance = countErrors(category, candidate.slice(0, nameStart - 1), category.length);
        offer(search, candidate, distance / 1000);
      } else if (search.score >= 1 && candidate[category.length] === '/' && candidate.startsWith(category)) {
        const allowed = name.length <= 6 ? 1 : MOST_ERRORS;
        if (Math.abs(nameStart - category.length - 1) > allowed) continue;
        const errors = countErrors(name, candidate.slice(category.length + 1), allowed);
        if (errors <= allowed) offer(search, candidate, errors);
      }
    }
  }
  return new Map(searches.flatMap(({ written: word, near }) => (near === undefined ? [] : [[word, near]])));
}

/**
 * Keeps the better match. Of two equally near names the first in the alphabet is kept, in whatever order they come.
 */
function offer(search: Search, candidate: string, score: number): void {
  const isBetter = score < search.score || (score === search.score && candidate < (search.near ?? candidate));
  if (!isBetter) return;
  search.near = candidate;
  search.score = score;
}

/**
 * Counts the letters that must be inserted, deleted, replaced or swapped with their neighbour to turn one name into
 * another (optimal string alignment distance).
 *
 * @param most if there are certainly more, a number above `most` is returned
 */
export function countErrors(from: string, to: string, most: number): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let row = 1; row <= from.length; row++) {
    const current = [row];
    let least = row;
    for (let column = 1; column <= to.length; column++) {
      const same = from[row - 1] === to[column - 1];
      let errors = Math.min(
        (last[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (last[column - 1] ?? 0) + (same ? 0 : 1),
      );
      const swapped =
        row > 1 && column > 1 && from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      if (swapped) errors = Math.min(errors, (beforeLast[column - 2] ?? 0) + 1);
      current.push(errors);
      least = Math.min(least, errors);
    }
    // A swap looks back two rows, so one row that is too far is not yet proof.
    if (least > most + 1) return most + 1;
    beforeLast = last;
    last = current;
  }
  return last[to.length] ?? 0;
}

/** Stands for a category, so that words are compared as names of packages are. */
const PREFIX = '/';

/** Like {@link nearestNames}, for words without a category, such as names of eclasses. */
export function nearestWords(
  written: readonly string[],
  words: () => Iterable<string>,
): ReadonlyMap<string, string> {
  const near = nearestNames(
    written.map((word) => PREFIX + word),
    () => Array.from(words(), (word) => PREFIX + word),
  );
  return new Map(
    Array.from(near, ([word, other]) => [word.slice(PREFIX.length), other.slice(PREFIX.length)]),
  );
}
