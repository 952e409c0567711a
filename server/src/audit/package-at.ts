import { readPartialAtom } from '../ebuild/partial-atom.ts';
import { nameInAtom, nameOf, type PackageName } from '../pms/package-name.ts';
import type { TextRange } from '../pms/text-range.ts';

/**
 * The package that a word of an ebuild names, as `Finding.about` has it; the word may have parts that only bash
 * knows.
 */
export function packageAt(text: string, { start, end }: TextRange): readonly PackageName[] {
  const word = text.slice(start, end);
  const name = nameInAtom(word);
  if (name !== undefined) return [name];
  const partial = readPartialAtom(word)?.atom;
  return partial === undefined ? [] : [nameOf(partial)];
}
