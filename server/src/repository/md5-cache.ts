import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { type ReportProblem, readText } from '../files/regular-file.ts';

/** An entry of the metadata cache (md5-dict of egencache(1), `metadata/md5-cache/CATEGORY/PF`). */
export interface CachedMetadata {
  /** Every variable of the entry, with the dependency variables as evaluated, without the checksums. */
  readonly values: ReadonlyMap<string, string>;
  /** The md5 of the ebuild that the entry was made from. */
  readonly ebuildMd5: string;
  /** The md5 of every eclass that was inherited, by name. */
  readonly eclasses: ReadonlyMap<string, string>;
}

/**
 * Reads an entry of the metadata cache. Total.
 *
 * @returns undefined if it is not a valid entry: it has a line without `=`, no `_md5_`, or invalid checksums of
 *   eclasses
 */
export function parseCachedMetadata(text: string): CachedMetadata | undefined {
  const values = new Map<string, string>();
  for (const line of text.split('\n')) {
    if (line === '') continue;
    const separator = line.indexOf('=');
    if (separator <= 0) return undefined;
    values.set(line.slice(0, separator), line.slice(separator + 1));
  }
  const ebuildMd5 = values.get('_md5_');
  const eclasses = parseEclasses(values.get('_eclasses_') ?? '');
  if (ebuildMd5 === undefined || eclasses === undefined) return undefined;
  values.delete('_md5_');
  values.delete('_eclasses_');
  return { values, ebuildMd5, eclasses };
}

function parseEclasses(value: string): ReadonlyMap<string, string> | undefined {
  const eclasses = new Map<string, string>();
  if (value === '') return eclasses;
  const words = value.split('\t');
  if (words.length % 2 !== 0) return undefined;
  for (let index = 0; index < words.length; index += 2) {
    const md5 = words[index + 1] ?? '';
    if (!/^[0-9a-f]{32}$/.test(md5)) return undefined;
    eclasses.set(words[index] ?? '', md5);
  }
  return eclasses;
}

/**
 * Whether an entry is still valid: the ebuild and every eclass that it inherited are the same as when the entry was
 * made.
 *
 * @param eclassMd5 the md5 of the eclass that the ebuild would inherit now; undefined if there is none
 */
export function isCacheValid(
  entry: CachedMetadata,
  ebuild: Uint8Array,
  eclassMd5: (name: string) => string | undefined,
): boolean {
  for (const [name, md5] of entry.eclasses) if (eclassMd5(name) !== md5) return false;
  return entry.ebuildMd5 === md5Of(ebuild);
}

/**
 * Reads the entry of an ebuild in its repository's metadata cache.
 *
 * @param name `CATEGORY/PF`
 * @param ebuild the bytes of the text, saved or not
 * @returns undefined if there is none or it is not valid; see {@link isCacheValid}
 */
export function readCachedMetadata(
  repository: string,
  name: string,
  ebuild: Uint8Array,
  eclassMd5: (name: string) => string | undefined,
  report: ReportProblem,
): CachedMetadata | undefined {
  const text = readText(join(repository, 'metadata/md5-cache', name), [repository], report);
  const entry = text === undefined ? undefined : parseCachedMetadata(text);
  return entry !== undefined && isCacheValid(entry, ebuild, eclassMd5) ? entry : undefined;
}

/** The md5 of bytes, in the form that the metadata cache has. */
export function md5Of(bytes: Uint8Array): string {
  return createHash('md5').update(bytes).digest('hex');
}
