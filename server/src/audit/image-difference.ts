import type { ImageDifference } from './record.ts';

/** The maximum number of differences of two images in a record. */
export const MOST_DIFFERENCES = 100;

/** The number of differences that one sentence lists. */
const LISTED = 2;

/**
 * Describes in one clause, without a full stop, how a package changes the installed image: the first differences, and
 * the number of further ones. E.g. `with media-libs/libpng visible, /usr/bin/hello links libpng16.so.16`.
 *
 * @param differences the most important first, as `compareImages` gives them
 * @param packageAtom as the author writes it
 */
export function describeDifferences(differences: readonly ImageDifference[], packageAtom: string): string {
  if (differences.length === 0) return `with ${packageAtom} visible, the same files are installed`;
  const shown = differences
    .slice(0, LISTED)
    .map((difference) => `${difference.path} ${describeChange(difference)}`);
  const rest = differences.length - shown.length;
  const more =
    rest === 0
      ? []
      : differences.length >= MOST_DIFFERENCES
        ? ['there are many more differences']
        : [`there ${rest === 1 ? 'is 1 more difference' : `are ${rest} more differences`}`];
  const parts = [...shown, ...more];
  const last = parts.pop() ?? '';
  const before = parts.length === 0 ? '' : `${parts.join(', ')} and `;
  return `with ${packageAtom} visible, ${before}${last}`;
}

function describeChange({ aspect, change, name = '', imported }: ImageDifference): string {
  const added = change === 'added';
  switch (aspect) {
    case 'file':
      if (change === 'changed') return 'is another kind of file';
      return added ? 'is installed' : 'is not installed';
    case 'linked-library':
      return added ? `links ${name}` : `does not link ${name}`;
    case 'interpreter':
      return change === 'removed' ? `does not name the interpreter ${name}` : `names the interpreter ${name}`;
    case 'symbol':
      if (imported === true) return added ? `uses the symbol ${name}` : `does not use the symbol ${name}`;
      return added ? `defines the symbol ${name}` : `does not define the symbol ${name}`;
    case 'content':
      return 'has different content';
    case 'mode':
      return 'has different permissions';
    case 'link-target':
      return name === '' ? 'has another target' : `links to ${name}`;
  }
}
