import type { EbuildFacts } from '../ebuild/ebuild-facts.ts';
import type { Predefined } from '../ebuild/package-variables.ts';
import { expandShellText } from '../ebuild/shell-expansion.ts';
import { type Budget, variableValue } from '../ebuild/variable-value.ts';
import { endOfExpansion } from '../pms/shell-text.ts';

/** What is known about an ebuild without bash, and how much of it may still be looked up for one request. */
export interface KnownValues {
  readonly facts: EbuildFacts;
  readonly predefined: Predefined;
  readonly budget: Budget;
}

/** The number of variables that are looked up for one request. Each look-up goes through all assignments of the text. */
const MOST_LOOKUPS = 2000;
/** Longer words are no addresses and no atoms. */
const LONGEST = 2000;

/** Begins a request. @param predefined the variables that are known from the path of the ebuild */
export function createKnownValues(facts: EbuildFacts, predefined: Predefined): KnownValues {
  return { facts, predefined, budget: { left: MOST_LOOKUPS } };
}

/**
 * Makes a function that puts the known values into words at a place of the text.
 *
 * @param position the values are those that the variables have there
 * @returns the function gives the word as written where a value is not known, and says whether all are
 */
export function wordExpander(
  values: KnownValues,
  position: number,
): (word: string) => { readonly text: string; readonly isKnown: boolean } {
  const found = new Map<string, string | undefined>();
  const lookup = (name: string): string | undefined => {
    if (!found.has(name)) found.set(name, variableValue(values, name, position));
    return found.get(name);
  };
  return (word) => {
    let text = '';
    let isKnown = word.length <= LONGEST;
    if (!isKnown) return { text: word, isKnown };
    for (let start = 0; start < word.length; ) {
      const isExpansion = '$`'.includes(word[start] ?? '');
      const end = isExpansion ? (endOfExpansion(word, start) ?? word.length) : start;
      const piece = word.slice(start, Math.max(end, start + 1));
      const value = isExpansion ? expandShellText(piece, lookup) : piece;
      isKnown &&= value !== undefined;
      text += value ?? piece;
      start += piece.length;
    }
    return { text, isKnown };
  };
}
