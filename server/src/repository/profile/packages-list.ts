import { linesOfWords } from '../../files/regular-file.ts';

/**
 * Stacks the `packages` files of a profile's nodes into @system (PMS 5.2.6): `*atom` adds, `-*atom` removes, `-*`
 * removes everything. Lines without an asterisk are not part of @system.
 *
 * @param texts of the files, the topmost parent's first
 * @returns atoms in the order in which they were added
 */
export function stackPackages(texts: readonly string[]): string[] {
  const atoms = new Set<string>();
  for (const [word = ''] of texts.flatMap(linesOfWords)) {
    if (word === '-*') atoms.clear();
    else if (word.startsWith('-*')) atoms.delete(word.slice(2));
    else if (word.startsWith('*') && word.length > 1) atoms.add(word.slice(1));
  }
  return [...atoms];
}

/** Stacks lists of words such as USE (PMS 5.3): `-word` removes, `-*` removes everything, any other word adds. */
export function stackWords(lists: readonly (readonly string[])[]): Set<string> {
  const words = new Set<string>();
  for (const list of lists) {
    for (const word of list) {
      if (word === '-*') words.clear();
      else if (word.startsWith('-')) words.delete(word.slice(1));
      else words.add(word.replace(/^\+/, ''));
    }
  }
  return words;
}
