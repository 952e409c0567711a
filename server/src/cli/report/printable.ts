import { stripEscapes } from '../../host/output-text.ts';

/** What an ebuild or its build has named, as one line that cannot act on the reader's terminal. */
export function printable(text: string): string {
  return stripEscapes(text.replaceAll(/[\n\t]/g, ' '));
}
