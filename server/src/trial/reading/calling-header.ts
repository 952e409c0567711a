import { readFileSync, statSync } from 'node:fs';

/** Limits in bytes of one header and of all. */
const LARGEST_FILE = 2 * 2 ** 20;
const MOST_BYTES = 64 * 2 ** 20;

/**
 * Finds the first header that calls one of the functions, as an inline function or a macro does. Unreadable headers are skipped. It blocks
 * its thread; see trial/reading.
 *
 * @param files paths of this machine
 * @returns the header's place in the list; undefined if none calls them
 */
export function findCallingHeader(files: readonly string[], symbols: readonly string[]): number | undefined {
  const names = symbols.filter((name) => /^[A-Za-z_]\w*$/.test(name));
  if (names.length === 0) return undefined;
  const call = new RegExp(`\\b(?:${names.join('|')})\\s*\\(`);
  let bytes = 0;
  for (const [index, file] of files.entries()) {
    const text = readText(file, MOST_BYTES - bytes);
    bytes += text.length;
    if (call.test(text)) return index;
  }
  return undefined;
}

function readText(file: string, most: number): string {
  try {
    const { size } = statSync(file);
    return size > LARGEST_FILE || size > most ? '' : readFileSync(file, 'latin1');
  } catch {
    return '';
  }
}
