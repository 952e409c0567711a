import type { TextRange } from '../pms/text-range.ts';
import type { PlacedEbuild } from './read-ebuild.ts';

/** A word that names a file below FILESDIR. */
export interface FilesWord extends TextRange {
  /** The path below FILESDIR as it is written. */
  readonly path: string;
}

const FILES_WORD = /\$\{?FILESDIR\}?"?\/([^\s"'`;&|<>()]+)/g;

/** Finds the words of a part of a text that name a file below FILESDIR (PMS 11.1). */
export function findFilesWords(text: string, { start, end }: TextRange): FilesWord[] {
  return Array.from(text.slice(start, end).matchAll(FILES_WORD), ({ index, 0: word, 1: path = '' }) => ({
    start: start + index,
    end: start + index + word.length,
    path,
  }));
}

/**
 * The file that a word names, if it exists.
 *
 * @param expand puts the known values into a word
 */
export function fileOf(
  { knowledge, predefined: { CATEGORY, PN } }: Pick<PlacedEbuild, 'knowledge' | 'predefined'>,
  word: FilesWord,
  expand: (word: string) => { readonly text: string; readonly isKnown: boolean },
): string | undefined {
  if (knowledge === undefined || CATEGORY === undefined || PN === undefined) return undefined;
  const { text: path, isKnown } = expand(word.path);
  // The text may come from anybody, and must not lead out of the folder.
  if (!isKnown || path.split('/').includes('..')) return undefined;
  return knowledge.packageFile(CATEGORY, PN, `files/${path}`);
}
