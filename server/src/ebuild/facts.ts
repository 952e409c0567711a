import type { Problem, TextRange } from '../pms/text-range.ts';
import type { BashParser } from './bash-parser.ts';
import type { Assignment, EbuildFacts } from './ebuild-facts.ts';
import { lineOf, type ScannedLines, scanLines } from './line-scan.ts';
import { blameWhole, readPieces } from './pieces.ts';
import { type ParsedText, parseTree } from './syntax-tree.ts';
import { readTree, type TreeFacts } from './tree-facts.ts';

/** A dependency variable at the beginning of a line inside a value. It shows that a quote before it is missing. */
export const SWALLOWED = /^(?:\w*DEPEND\+?=|\w+\(\)[ \t]*\{)/m;

/** PMS 3.1.5. */
const ECLASS_NAME = /^[A-Za-z_][\w.-]*$/;

/**
 * Reads an ebuild. Never fails: if the text is not bash, the result has the facts that can still be found, and errors.
 *
 * A missing quote makes a shell grammar swallow the text after it. So a text that is not bash is read in pieces ({@link readPieces}) and
 * line by line. If the grammar would take too long, only the lines are used.
 */
export function parseEbuild(text: string, parser: BashParser): EbuildFacts {
  const parsed = parseTree(text, parser);
  if ('obstacle' in parsed) return readEbuild(text, parsed);
  const { tree } = parsed;
  try {
    const shown = tree.rootNode.hasError
      ? blameWhole(text, readPieces(text, parser).shown)
      : readTree(text, tree);
    return readEbuild(text, { shown });
  } finally {
    tree.delete();
  }
}

/** Reads an ebuild from the facts of its tree, or from the reason why it has no tree. */
export function readEbuild(
  text: string,
  parsed: { readonly shown: TreeFacts } | Extract<ParsedText, { readonly obstacle: Problem }>,
): EbuildFacts {
  const found =
    'obstacle' in parsed ? fromLinesAlone(text, parsed.obstacle) : fromTreeAndLines(text, parsed.shown);
  return {
    ...orderFacts(text, found),
    commands: found.commands,
    comments: found.comments,
    errors: [...found.errors].sort(byPosition),
  };
}

/** Sorts facts by their position in the text. */
export function orderFacts(
  text: string,
  found: Pick<TreeFacts, 'assignments' | 'functions' | 'inherits'>,
): Omit<EbuildFacts, 'commands' | 'comments' | 'errors'> {
  const assignments = [...found.assignments].sort(byPosition);
  const inherits = [...found.inherits].sort(byPosition);
  const eapi = assignments.find(
    (assignment) => assignment.name === 'EAPI' && assignment.context === 'global',
  );
  return {
    text,
    eapi: eapi?.value?.trim() || '0',
    eapiRange: eapi === undefined ? undefined : lineOf(text, eapi.start),
    inherits: inherits.filter(({ name }) => ECLASS_NAME.test(name)),
    unknownInherits: inherits.filter(({ name }) => !ECLASS_NAME.test(name)),
    assignments,
    functions: [...found.functions].sort(byPosition),
  };
}

function byPosition(left: TextRange, right: TextRange): number {
  return left.start - right.start;
}

function fromLinesAlone(text: string, obstacle: Problem): TreeFacts {
  const lines = scanLines(text);
  return { ...lines, commands: [], comments: [], errors: [obstacle, ...lines.errors] };
}

function fromTreeAndLines(text: string, fromTree: TreeFacts): TreeFacts {
  const doubtful =
    fromTree.errors.length > 0 ||
    fromTree.assignments.some((assignment) =>
      SWALLOWED.test(text.slice(assignment.valueRange.start, assignment.valueRange.end)),
    );
  return doubtful ? mergeWithLines(fromTree, scanLines(text)) : fromTree;
}

/** Keeps the assignments of the tree that did not swallow others, and adds those that were found only line by line. */
function mergeWithLines(fromTree: TreeFacts, lines: ScannedLines): TreeFacts {
  const landmarks = [...lines.assignments, ...lines.functions]
    .map(({ start }) => start)
    .sort((left, right) => left - right);
  const lineAt = new Map(lines.assignments.map((assignment) => [assignment.start, assignment]));
  const swallows = ({ start, end }: TextRange): boolean =>
    (landmarks[countUpTo(landmarks, start)] ?? end) < end;
  const lineStarts = lines.assignments.map(({ start }) => start);
  const insideLine = (position: number): boolean => {
    const line = lines.assignments[countUpTo(lineStarts, position) - 1];
    return line !== undefined && position > line.start && position < line.end;
  };
  const trusted = fromTree.assignments
    .filter(
      (assignment) =>
        !swallows(assignment) && (lineAt.get(assignment.start)?.closed ?? !insideLine(assignment.start)),
    )
    // An indented assignment may belong to a function whose beginning is missing.
    .map((assignment): Assignment => {
      const unsure = assignment.context === 'global' && !lineAt.has(assignment.start);
      return unsure ? { ...assignment, context: 'conditional' } : assignment;
    });
  const known = new Set(trusted.map((assignment) => assignment.start));
  const functionStarts = new Set(fromTree.functions.map((declaration) => declaration.nameRange.start));
  const inheritStarts = new Set(fromTree.inherits.map((inherit) => inherit.start));
  return {
    assignments: [...trusted, ...lines.assignments.filter((assignment) => !known.has(assignment.start))],
    functions: [
      ...fromTree.functions,
      ...lines.functions.filter((declaration) => !functionStarts.has(declaration.nameRange.start)),
    ],
    inherits: [
      ...fromTree.inherits,
      ...lines.inherits.filter((inherit) => !inheritStarts.has(inherit.start)),
    ],
    commands: fromTree.commands,
    comments: fromTree.comments,
    errors: lines.errors.length > 0 ? lines.errors : fromTree.errors,
  };
}

/** The number of sorted numbers that are not above the limit. */
function countUpTo(sorted: readonly number[], limit: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] ?? 0) <= limit) low = middle + 1;
    else high = middle;
  }
  return low;
}
