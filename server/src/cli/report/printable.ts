import { stripEscapes } from '../../host/output-text.ts';

/**
 * A text from an ebuild or its build as one line without control characters, which could act on the reader's
 * terminal.
 */
export function printable(text: string): string {
  return stripEscapes(text.replaceAll(/[\n\t]/g, ' '));
}
