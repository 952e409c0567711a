import type { TextEdit } from '../../../ebuild/text-edit.ts';
import { asFix, type Finding } from '../../finding.ts';
import type { TextSubject } from '../../subject.ts';

/** What follows from the first mistake is often no mistake. */
const MOST = 3;

const MARK = '\uFEFF';

/**
 * `syntax-error`: bash cannot read the text, or reads something else than an editor shows: a byte order mark before the first word, or a carriage return at
 * the end of each line.
 */
export function findSyntaxErrors({ facts }: TextSubject): Finding[] {
  const { text, errors } = facts;
  const found: Finding[] = [];
  const add = (range: Finding['range'], message: string, fix?: Finding['fix']) =>
    found.push({ code: 'syntax-error', severity: 'error', message, range, evidence: [], fix, about: [] });
  if (text.startsWith(MARK))
    add(
      { start: 0, end: 1 },
      'Remove the byte order mark at the beginning, which bash takes for a part of the first word: save the file as UTF-8 without it.',
      asFix('Remove the byte order mark', [{ start: 0, end: 1, newText: '' }]),
    );
  const first = text.indexOf('\r\n');
  if (first >= 0) {
    const start = text.lastIndexOf('\n', first) + 1;
    add(
      { start, end: first },
      'Save the file with line endings of Unix (LF): bash takes the carriage return of those of Windows (CRLF) for a part of each last word.',
      asFix('Replace CRLF by LF', carriageReturns(text)),
    );
  }
  for (const { start, end, message } of errors.slice(0, MOST)) add({ start, end }, message);
  return found;
}

function carriageReturns(text: string): TextEdit[] {
  return [...text.matchAll(/\r(?=\n)/g)].map(({ index }) => ({ start: index, end: index + 1, newText: '' }));
}
