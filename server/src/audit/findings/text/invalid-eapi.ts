import type { Assignment } from '../../../ebuild/ebuild-facts.ts';
import { asFix, type Finding } from '../../finding.ts';
import type { TextSubject } from '../../subject.ts';

/** The EAPIs that PMS defines (PMS 2.1), and the next one. */
const KNOWN = /^[0-9]$/;
/** The only form of the line (PMS 7.3.1). */
const LINE = /^[ \t]*EAPI=(['"]?)([A-Za-z0-9+_.-]*)\1[ \t]*(?:[ \t]#.*)?$/;

/**
 * `invalid-eapi`: package managers read the EAPI from the first line that is neither blank nor a comment, before they run the ebuild (PMS
 * 7.3.1). One that is set elsewhere, again, in another form, or to a value that nobody knows, makes the ebuild invalid.
 */
export function findInvalidEapi({ facts }: TextSubject): Finding[] {
  const { text } = facts;
  const [first, ...more] = facts.assignments.filter(({ name }) => name === 'EAPI');
  if (first === undefined) return [];
  const line = firstLine(text);
  const isFirst = first.start >= line.start && first.end <= line.end;
  if (!isFirst) return [misplaced(text, first, line.start)];
  const [, , value] = LINE.exec(text.slice(line.start, line.end).replace(/^\uFEFF|\r$/g, '')) ?? [];
  const wrong: Finding[] = [];
  if (value === undefined)
    wrong.push(
      finding(
        first,
        'Write EAPI=8 with nothing else in the line but a comment: package managers do not run bash to read it (PMS 7.3.1).',
      ),
    );
  else if (value !== '' && !KNOWN.test(value))
    wrong.push(finding(first, `No EAPI ${value} is defined: use one of PMS, such as 8.`));
  return [...wrong, ...more.map((second) => repeated(text, first, second))];
}

function finding(range: Pick<Assignment, 'start' | 'end'>, message: string, fix?: Finding['fix']): Finding {
  const { start, end } = range;
  return {
    code: 'invalid-eapi',
    severity: 'error',
    message,
    range: { start, end },
    evidence: [],
    fix,
    about: [],
  };
}

/** The first line that is neither blank nor a comment. */
function firstLine(text: string): { readonly start: number; readonly end: number } {
  const start = /^(?:\uFEFF?[ \t\r]*(?:#[^\n]*)?\n)*/.exec(text)?.[0].length ?? 0;
  const end = text.indexOf('\n', start);
  return { start, end: end === -1 ? text.length : end };
}

/** The whole line of an assignment; undefined if there is something else in it. */
function lineOf(text: string, { start, end }: Assignment): { start: number; end: number } | undefined {
  const from = text.lastIndexOf('\n', start - 1) + 1;
  const next = text.indexOf('\n', end);
  const to = next === -1 ? text.length : next + 1;
  return (text.slice(from, start) + text.slice(end, to)).trim() === '' ? { start: from, end: to } : undefined;
}

function misplaced(text: string, assignment: Assignment, start: number): Finding {
  const line = lineOf(text, assignment);
  const written = text.slice(assignment.start, assignment.end);
  const edits =
    assignment.context === 'global' && line !== undefined
      ? [
          { start, end: start, newText: `${written}\n` },
          { ...line, newText: '' },
        ]
      : [];
  return finding(
    assignment,
    'Set EAPI in the first line that is no comment: package managers read it there, and take EAPI 0 if it is elsewhere (PMS 7.3.1).',
    asFix('Move EAPI to the first line', edits),
  );
}

function repeated(text: string, first: Assignment, second: Assignment): Finding {
  const line = lineOf(text, second);
  const isSame = first.value !== undefined && first.value === second.value;
  const { start, end } = second;
  return {
    ...finding(
      second,
      isSame
        ? 'Remove the second EAPI: it is set in the first line already.'
        : 'Remove the second EAPI: package managers refuse an ebuild whose EAPI is not that of its first line (PMS 7.3.1).',
      asFix(
        'Remove the second EAPI',
        second.context === 'global' && line !== undefined ? [{ ...line, newText: '' }] : [],
        isSame,
      ),
    ),
    severity: isSame ? 'warning' : 'error',
    range: { start, end },
  };
}
