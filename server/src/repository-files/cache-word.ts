import { placeInValue } from '../language/place.ts';
import type { FileWord } from './file-word.ts';
import type { RepositoryFile } from './repository-file.ts';
import { lineAt } from './text-lines.ts';

/**
 * What a place of an entry of metadata/md5-cache names: the variable of its line, or a package, flag or other word of the value. Flags are
 * those of the package.
 */
export function cacheWordAt(
  { owner }: Extract<RepositoryFile, { kind: 'cache' }>,
  text: string,
  offset: number,
): FileWord | undefined {
  const line = lineAt(text, offset);
  const separator = line.text.indexOf('=');
  if (separator <= 0) return undefined;
  const variable = line.text.slice(0, separator);
  const valueStart = line.start + separator + 1;
  if (offset < valueStart)
    return { kind: 'variable', name: variable, start: line.start, end: valueStart - 1 };
  if (/^(?:_eclasses_|INHERIT(?:ED)?)$/.test(variable)) return eclassAt(text, valueStart, line.end, offset);
  const place = placeInValue(text.slice(valueStart, line.end), variable, offset - valueStart);
  if (place === undefined) return undefined;
  const range = { start: place.start + valueStart, end: place.end + valueStart };
  return place.kind === 'flag' ? { ...place, ...range, of: place.of ?? owner } : { ...place, ...range };
}

/** The eclass around an offset; the checksums between the names of `_eclasses_` are none. */
function eclassAt(text: string, from: number, to: number, offset: number): FileWord | undefined {
  for (const { index, 0: name } of text.slice(from, to).matchAll(/\S+/g)) {
    const start = from + index;
    const end = start + name.length;
    const isChecksum = /^[0-9a-f]{32}$/.test(name);
    if (start <= offset && offset <= end)
      return isChecksum ? undefined : { kind: 'eclass', name, start, end };
  }
  return undefined;
}
