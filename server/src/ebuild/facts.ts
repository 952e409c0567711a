import type { Problem, TextRange } from '../pms/text-range.ts';
import type { BashParser } from './bash-parser.ts';
import { lineOf, type ScannedLines, scanLines } from './line-scan.ts';
import { type ParsedText, parseTree } from './syntax-tree.ts';
import { readTree, type TreeFacts } from './tree-facts.ts';
import type { QuoteStyle, ValuePart } from './value.ts';

/** `NAME="value"` or `NAME+="value"`. */
export interface Assignment extends TextRange {
  readonly name: string;
  readonly nameRange: TextRange;
  readonly operator: '=' | '+=';
  /** The value without its quotes; for `mixed` and `array` with whatever quotes and parentheses it has. */
  readonly valueRange: TextRange;
  readonly quote: QuoteStyle;
  /** False where the closing quote is missing. */
  readonly closed: boolean;
  /** The value's text and what bash expands in it, in order. */
  readonly parts: readonly ValuePart[];
  /** The value, where it is known without running bash. */
  readonly value: string | undefined;
  /** Where it stands: at the top, in an `if`, loop, `case`, `&&` list or subshell, or in a function. */
  readonly context: 'global' | 'conditional' | 'function';
  /** The outermost statement that it is part of: the assignment itself, the whole `if`, the whole function. */
  readonly statement: TextRange;
}

export interface EbuildFunction extends TextRange {
  readonly name: string;
  readonly nameRange: TextRange;
}

/** One eclass of an `inherit` line. */
export interface Inherit extends TextRange {
  readonly name: string;
  readonly context: Assignment['context'];
}

/** One simple command, wherever it stands, in `$(…)` too. */
export interface Command extends TextRange {
  /** Its first word as written, without quotes around it: `pkg-config`, `$(tc-getPKG_CONFIG)`. */
  readonly name: string;
  /** The function of the ebuild that it stands in. */
  readonly inFunction: string | undefined;
}

/** What the text of an ebuild says without being run. Ranges are UTF-16 offsets into `text`. */
export interface EbuildFacts {
  readonly text: string;
  /** `0` where the text has no EAPI (PMS 7.3.1). */
  readonly eapi: string;
  /** The line that sets the EAPI. */
  readonly eapiRange: TextRange | undefined;
  readonly inherits: readonly Inherit[];
  /** The words of `inherit` lines that only bash knows; `name` is what is written, e.g. `${GIT_ECLASS}`. */
  readonly unknownInherits: readonly Inherit[];
  readonly assignments: readonly Assignment[];
  readonly functions: readonly EbuildFunction[];
  /** Empty where the text is so broken that only its lines could be read. */
  readonly commands: readonly Command[];
  readonly errors: readonly Problem[];
}

/** A dependency variable at the beginning of a line inside a value: a quote before it is missing. */
export const SWALLOWED = /^(?:\w*DEPEND\+?=|\w+\(\)[ \t]*\{)/m;

/** PMS 3.1.5. */
const ECLASS_NAME = /^[A-Za-z_][\w.-]*$/;

/**
 * Reads an ebuild. Never fails: where bash would not read the text, the facts that can still be found are given, and errors.
 *
 * A missing quote makes a shell grammar swallow what follows; in such a text assignments and functions are also looked for line
 * by line, and a value ends before the next line that begins one. Where the grammar would lose itself, only the lines count.
 */
export function parseEbuild(text: string, parser: BashParser): EbuildFacts {
  const parsed = parseTree(text, parser);
  if ('obstacle' in parsed) return readEbuild(text, parsed);
  try {
    return readEbuild(text, { shown: readTree(text, parsed.tree) });
  } finally {
    parsed.tree.delete();
  }
}

/** Reads an ebuild of which it is known already what its tree shows, or why it has none. */
export function readEbuild(
  text: string,
  parsed: { readonly shown: TreeFacts } | Extract<ParsedText, { readonly obstacle: Problem }>,
): EbuildFacts {
  const found =
    'obstacle' in parsed ? fromLinesAlone(text, parsed.obstacle) : fromTreeAndLines(text, parsed.shown);
  return {
    ...orderFacts(text, found),
    commands: found.commands,
    errors: [...found.errors].sort(byPosition),
  };
}

/** What counts of the facts that a reader has found, in the order of the text. */
export function orderFacts(
  text: string,
  found: Pick<TreeFacts, 'assignments' | 'functions' | 'inherits'>,
): Omit<EbuildFacts, 'commands' | 'errors'> {
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
  return { ...lines, commands: [], errors: [obstacle, ...lines.errors] };
}

function fromTreeAndLines(text: string, fromTree: TreeFacts): TreeFacts {
  const doubtful =
    fromTree.errors.length > 0 ||
    fromTree.assignments.some((found) =>
      SWALLOWED.test(text.slice(found.valueRange.start, found.valueRange.end)),
    );
  return doubtful ? mergeWithLines(fromTree, scanLines(text)) : fromTree;
}

/** Keeps of the tree what did not swallow anything, and adds what only the lines show. */
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
    .filter((found) => !swallows(found) && (lineAt.get(found.start)?.closed ?? !insideLine(found.start)))
    // What is indented may be in a function that has lost its beginning.
    .map((found): Assignment => {
      const unsure = found.context === 'global' && !lineAt.has(found.start);
      return unsure ? { ...found, context: 'conditional' } : found;
    });
  const known = new Set(trusted.map((assignment) => assignment.start));
  const functionStarts = new Set(fromTree.functions.map((found) => found.nameRange.start));
  const inheritStarts = new Set(fromTree.inherits.map((found) => found.start));
  return {
    assignments: [...trusted, ...lines.assignments.filter((found) => !known.has(found.start))],
    functions: [
      ...fromTree.functions,
      ...lines.functions.filter((found) => !functionStarts.has(found.nameRange.start)),
    ],
    inherits: [...fromTree.inherits, ...lines.inherits.filter((found) => !inheritStarts.has(found.start))],
    commands: fromTree.commands,
    errors: lines.errors.length > 0 ? lines.errors : fromTree.errors,
  };
}

/** How many of the sorted numbers are not above the limit. */
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
