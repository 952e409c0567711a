import type { ParseState, Tree } from 'web-tree-sitter';
import type { Problem } from '../pms/text-range.ts';
import type { BashParser } from './bash-parser.ts';
import { lineOf } from './line-scan.ts';

/** The syntax tree of a text, whose memory is not collected, so the caller deletes it; or the reason why there is none. */
export type ParsedText = { readonly tree: Tree } | { readonly obstacle: Problem };

/**
 * How often the grammar may report progress, which it does after each hundred of its steps, and for how many code units once
 * more; fewer times where it has met an error, since then each step may cost it a hundred times as much. The densest bash has 18
 * code units between two reports, ebuilds and eclasses 130 or more, and with an error in them still more than 80. A clock would
 * say of an honest text on a busy machine that it is hostile, and what is found in a text must not depend on the machine.
 */
const REPORTS = 20;
const UNITS_A_REPORT = 15;
const UNITS_A_REPORT_AFTER_ERROR = 80;
/**
 * The last resort for unforeseen texts, in milliseconds: an ebuild takes a hundredth of it, and the other limits depend on the text
 * alone.
 */
const DEADLINE = 2000;
/** Between two reports the grammar's work grows with the open brackets; ebuilds have eight at most, eclasses ten. */
const MOST_OPEN = 30;
/** It also grows with the brackets that close nothing; each pattern of a `case` has one, and eclasses have eighty. */
const MOST_STRAY = 300;
/**
 * After an error the grammar reads the rest of a word anew at each of its characters. So the squares of the lengths of all words
 * are added up that are longer than a hundred code units; ebuilds come to a million and a half, by a list of MIME types.
 */
const LONG_WORD = 100;
const MOST_IN_WORDS = 2_000_000;
/** So many of bash's operators in a row are none, and after each the grammar tries all that could follow. */
const OPERATOR_RUN = /([|&;<>])\1{99}/;
/** It also grows with the open here-documents; eclasses have sixteen altogether. */
const MOST_HERE_DOCUMENTS = 100;

/**
 * Builds the syntax tree of a text.
 *
 * @param previous the tree of an older text with the edits since; then the cost is that of the edits
 * @returns the tree, or an obstacle: something on which the grammar would lose itself
 */
export function parseTree(text: string, { parser }: BashParser, previous?: Tree): ParsedText {
  const obstacle = findObstacle(text);
  if (obstacle !== undefined) return { obstacle };
  const began = Date.now();
  let reports = 0;
  const isTooMuch = ({ currentOffset, hasError }: ParseState): boolean => {
    reports++;
    const units = hasError ? UNITS_A_REPORT_AFTER_ERROR : UNITS_A_REPORT;
    // The offset counts bytes of UTF-16.
    return reports > REPORTS + currentOffset / 2 / units || Date.now() - began > DEADLINE;
  };
  // The type says that the callback returns nothing; what it returns cancels.
  const tree = parser.parse(text, previous, { progressCallback: isTooMuch });
  if (tree !== null) return { tree };
  parser.reset();
  const message = 'This text is ambiguous bash and was read line by line: add missing quotes and brackets.';
  return { obstacle: { ...lineOf(text, 0), message } };
}

/** The first place in a text that would cost the grammar too much, or that bash cannot read anyway. */
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
  for (let position = 0; position <= text.length; position++) {
    // Blanks of ASCII are enough: other white space is none to bash. Past the end there is NaN, which is a word's end too.
    if (text.charCodeAt(position) > 32) continue;
    const length = position - start;
    if (length > LONG_WORD) sum += length ** 2;
    if (sum > MOST_IN_WORDS) {
      const message = 'This word is so long that the lines of this file were read one by one: break it up.';
      return { start, end: position, message };
    }
    start = position + 1;
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
