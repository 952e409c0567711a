import type { Link } from './link.ts';

const BUG = /(?<![\w/.-])(?:https?:\/\/)?bugs\.gentoo\.org\/(?:show_bug\.cgi\?id=)?(\d{1,9})(?![\w/])/g;
/** `bug #123456`, `bugs 123456, #234567 and 345678`. */
const BUG_WORDS =
  /(?<![\w-])bugs?[ \t:]{1,3}(#?\d{4,9}(?!\w)(?:(?:,[ \t]{0,3}|[ \t]{1,3})(?:(?:and|&)[ \t])?#?\d{4,9}(?!\w))*)/gi;

/** The bugs of Gentoo that a text names, by their address or as words. */
export function findBugs(text: string): Link[] {
  const link = (start: number, written: string, number: string): Link => ({
    start,
    end: start + written.length,
    address: `https://bugs.gentoo.org/${number}`,
  });
  const addresses = Array.from(text.matchAll(BUG), ({ index, 0: written, 1: number = '' }) =>
    link(index, written, number),
  );
  const words = Array.from(text.matchAll(BUG_WORDS), ({ index, 0: written, 1: list = '' }) => {
    const from = written.length - list.length;
    const numbers = [...list.matchAll(/#?(\d{4,9})/g)];
    return numbers.map((number, at) => {
      // The first link has the word before it too.
      const start = at === 0 ? 0 : from + number.index;
      const end = from + number.index + number[0].length;
      return link(index + start, written.slice(start, end), number[1] ?? '');
    });
  });
  return [...addresses, ...words.flat()];
}
