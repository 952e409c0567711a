/**
 * Limits of a text that is read as an ebuild or eclass. The longest of Gentoo, which list crates or modules of TeX, have a little more than
 * 100,000 code units, 4000 lines and 15,000 words. The time that reading takes grows with each of them, and an editor waits for it.
 */
export const LONGEST_TEXT = 256 * 1024;
const MOST_LINES = 10_000;
const MOST_WORDS = 30_000;

/** Whether a text is too long to be an ebuild. */
export function isLongText(text: string): boolean {
  if (text.length > LONGEST_TEXT) return true;
  let lines = 0;
  let words = 0;
  let inWord = false;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 10) lines += 1;
    if (code > 32 && !inWord) words += 1;
    inWord = code > 32;
  }
  return lines > MOST_LINES || words > MOST_WORDS;
}

/** The sentence for such a text. @param what the file or document, as the subject of the sentence */
export function refuseLongText(what: string): string {
  return `${what} has more than ${LONGEST_TEXT / 1024} KiB, ${MOST_LINES} lines or ${MOST_WORDS} words, more than any ebuild, and was not read: split it.`;
}
