import type { EbuildFacts } from '../ebuild/ebuild-facts.ts';
import { packageVariables } from '../ebuild/package-variables.ts';
import { createKnownValues, wordExpander } from '../navigation/known-text.ts';
import type { TextRange } from '../pms/text-range.ts';

/** A word of SRC_URI that fetches a file. */
export interface Fetching extends TextRange {
  /** The name of the file in DISTDIR. */
  readonly name: string;
}

/** A word with its expansions, in which there may be spaces. */
const WORD = /(?:\$\([^()\n]{0,200}\)|\$\{[^{}\n]{0,200}\}|\S)+/g;

/**
 * The files that an ebuild fetches, as far as the text of its SRC_URI says it without bash (PMS 7.3.2): the last part of each address, or the
 * name after `->`.
 */
export function filesFetchedBy(facts: EbuildFacts, category: string, packageAndVersion: string): Fetching[] {
  const values = createKnownValues(facts, packageVariables(category, packageAndVersion));
  return facts.assignments.flatMap(({ name, quote, valueRange, start: position }) => {
    if (!name.endsWith('URI') || (quote !== 'double' && quote !== 'single')) return [];
    const expand = wordExpander(values, position);
    const value = facts.text.slice(valueRange.start, valueRange.end);
    const words = [...value.matchAll(WORD)].flatMap(({ index, 0: written }) => {
      const { text, isKnown } = quote === 'single' ? { text: written, isKnown: true } : expand(written);
      const start = valueRange.start + index;
      const range = { start, end: start + written.length };
      // The value of a variable may be a list.
      return text.split(/\s+/).map((word) => ({ ...range, text: word, isKnown }));
    });
    return words.flatMap(({ start, end, text, isKnown }, index): Fetching[] => {
      if (!isKnown || words[index + 1]?.text === '->') return [];
      const isRenamed = words[index - 1]?.text === '->';
      if (!isRenamed && !text.includes('://')) return [];
      const file = isRenamed ? text : text.slice(text.lastIndexOf('/') + 1);
      return [{ name: file, start, end }];
    });
  });
}
