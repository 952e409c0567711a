import type { ParseState, Tree } from 'web-tree-sitter';
import type { Problem } from '../pms/text-range.ts';
import type { BashParser } from './bash-parser.ts';
import { lineOf } from './line-scan.ts';

/** The syntax tree of a text, or the reason why there is none. The caller deletes the tree, because its memory is not garbage-collected. */
export type ParsedText = { readonly tree: Tree } | { readonly obstacle: Problem };

/**
 * The number of progress reports that every text may cause; the grammar makes one for each hundred of its steps. A clock cannot replace it,
 * because facts must not depend on the machine.
 */
const REPORTS = 20;
/** The code units that allow one more report. The densest bash has 18 between two reports, ebuilds and eclasses at least 130. */
const UNITS_A_REPORT = 15;
/** After an error, a step may cost a hundred times as much. Ebuilds and eclasses with an error have more than 80 code units. */
const UNITS_A_REPORT_AFTER_ERROR = 80;
/**
 * The last resort for unforeseen texts, in milliseconds. An ebuild takes a hundredth of it, and the other limits depend only on the text.
 */
const DEADLINE = 2000;
/** The work of the grammar between two reports grows with the open brackets. Ebuilds have at most eight, eclasses ten. */
const MOST_OPEN = 30;
/** The work also grows with brackets that close nothing. Each pattern of a `case` has one, and eclasses have up to eighty. */
const MOST_STRAY = 300;
/**
 * After an error, the grammar reads the rest of a word again for each of its characters. So the squares of the lengths of all words of more
 * than a hundred code units are added. The largest sum in an ebuild is 1.5 million, from a list of MIME types.
 */
const LONG_WORD = 100;
const MOST_IN_WORDS = 2_000_000;
/** So many operators in a row are not bash, and after each the grammar tries everything that could follow. */
const OPERATOR_RUN = /([|&;<>])\1{99}/;
/** The work also grows with the open here-documents. An eclass has at most sixteen in total. */
const MOST_HERE_DOCUMENTS = 100;

/** Of every JavaScript engine that matters, and not of the language. The clock of Date may be set while the grammar works. */
declare const performance: { now(): number };

/**
 * Builds the syntax tree of a text.
 *
 * @param previous the tree of an older text, edited to match; then the cost is that of the edits
 * @returns the tree, or an obstacle: a part of the text that would take the grammar too long
 */
export function parseTree(text: string, { parser }: BashParser, previous?: Tree): ParsedText {
  const obstacle = findObstacle(text);
  if (obstacle !== undefined) return { obstacle };
  const began = performance.now();
  let reports = 0;
  const isTooMuch = ({ currentOffset, hasError }: ParseState): boolean => {
    reports++;
    const units = hasError ? UNITS_A_REPORT_AFTER_ERROR : UNITS_A_REPORT;
    // The offset counts bytes of UTF-16.
    return reports > REPORTS + currentOffset / 2 / units || performance.now() - began > DEADLINE;
  };
  // Its type says that the callback returns nothing, but returning true cancels.
  const tree = parser.parse(text, previous, { progressCallback: isTooMuch });
  if (tree !== null) return { tree };
  parser.reset();
  const message = 'This text is ambiguous bash and was read line by line: add missing quotes and brackets.';
  return { obstacle: { ...lineOf(text, 0), message } };
}

/** The first place in a text that would take the grammar too long, or that bash cannot read. */
function findObstacle(text: string): Problem | undefined {
  const nul = text.indexOf('\0');
  if (nul >= 0)
    return { start: nul, end: nul + 1, message: 'Bash cannot read the NUL character here: remove it.' };
  return (
    countBrackets(text, '(', ')') ??
    countBrackets(text, '{', '}') ??
    findOperatorRun(text) ??
    findLongWord(text) ??
    countHereDocuments(text)
  );
}

function findOperatorRun(text: string): Problem | undefined {
  const run = OPERATOR_RUN.exec(text);
  if (run === null) return undefined;
  const message = `So many \`${run[1]}\` in a row are not bash, so this file was read line by line: remove them.`;
  return { start: run.index, end: run.index + run[0].length, message };
}

function findLongWord(text: string): Problem | undefined {
  let sum = 0;
  let start = 0;
  while (start + LONG_WORD < text.length) {
    let blank = start + LONG_WORD;
    // Other white space than that of ASCII is not white space in bash.
    while (blank >= start && text.charCodeAt(blank) > 32) blank--;
    if (blank < start) {
      blank = start + LONG_WORD + 1;
      while (blank < text.length && text.charCodeAt(blank) > 32) blank++;
      sum += (blank - start) ** 2;
      if (sum > MOST_IN_WORDS) {
        const message = 'This word is so long that the lines of this file were read one by one: break it up.';
        return { start, end: blank, message };
      }
    }
    start = blank + 1;
  }
  return undefined;
}

function countHereDocuments(text: string): Problem | undefined {
  let count = 0;
  for (const { index } of text.matchAll(/<<(?!<)/g)) {
    if (++count <= MOST_HERE_DOCUMENTS) continue;
    const message = `More than ${MOST_HERE_DOCUMENTS} here-documents are too many, so this file was read line by line: use files.`;
    return { start: index, end: index + 2, message };
  }
  return undefined;
}

function countBrackets(text: string, opening: string, closing: string): Problem | undefined {
  const [up, down] = [opening.charCodeAt(0), closing.charCodeAt(0)];
  let open = 0;
  let stray = 0;
  for (let position = 0; position < text.length; position++) {
    const code = text.charCodeAt(position);
    if (code === up) open++;
    else if (code === down && open > 0) open--;
    else if (code === down) stray++;
    else continue;
    if (open <= MOST_OPEN && stray <= MOST_STRAY) continue;
    const message =
      open > MOST_OPEN
        ? `More than ${MOST_OPEN} \`${opening}\` are open here, so this file was read line by line: close them.`
        : `More than ${MOST_STRAY} \`${closing}\` up to here close nothing, so this file was read line by line: remove them.`;
    return { start: position, end: position + 1, message };
  }
  return undefined;
}
