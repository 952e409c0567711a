import type { EbuildFacts } from '../../../ebuild/ebuild-facts.ts';
import type { TextRange } from '../../../pms/text-range.ts';

/** The word of IUSE that names a flag; undefined if the text has none, because an eclass adds it. */
export function flagRange({ assignments, text }: EbuildFacts, flag: string): TextRange | undefined {
  for (const { name, valueRange } of assignments) {
    if (name !== 'IUSE') continue;
    for (const match of text.slice(valueRange.start, valueRange.end).matchAll(/[^\s"']+/g)) {
      const start = valueRange.start + match.index;
      if (match[0].replace(/^[+-]/, '') === flag) return { start, end: start + match[0].length };
    }
  }
  return undefined;
}
