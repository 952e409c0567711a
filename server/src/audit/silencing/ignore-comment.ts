import type { Assignment, EbuildFacts } from '../../ebuild/ebuild-facts.ts';
import { lineOf, scanLines } from '../../ebuild/line-scan.ts';
import { applyEdits } from '../../ebuild/text-edit.ts';
import type { TextRange } from '../../pms/text-range.ts';
import { asFix, type Finding, type Fix } from '../finding.ts';
import { type IgnoreRule, readIgnoreRule } from './ignore-rule.ts';

/** `# audit: ignore …` to the end of its line, wherever it stands. */
const COMMENT = /#[ \t]*audit:[ \t]*ignore(?![\w-])([^\r\n]*)/g;

interface WrittenComment {
  /** From its `#`. */
  readonly comment: TextRange;
  /** What stands after `ignore`. */
  readonly rule: string;
  /** What goes with it when it is taken out: its line where it has one to itself, else the blanks before it. */
  readonly whole: TextRange;
  /** Whether it has a line to itself. */
  readonly isAlone: boolean;
}

/** Everything that looks like a comment outside some values, in the order of the text; within a word a `#` begins none. */
function findComments(
  text: string,
  assignments: () => readonly Pick<Assignment, 'valueRange'>[],
): WrittenComment[] {
  // Nearly every ebuild has none.
  if (!text.includes('audit:')) return [];
  const values = assignments().map(({ valueRange }) => valueRange);
  return [...text.matchAll(COMMENT)].flatMap(({ 0: written, 1: rule = '', index }) => {
    const comment = { start: index, end: index + written.length };
    const line = lineOf(text, index);
    const before = text.slice(line.start, index);
    const code = before.trimEnd();
    const isInValue = values.some(({ start, end }) => start < index && index < end);
    if (isInValue || (before !== '' && code === before)) return [];
    const isAlone = code === '';
    const next = text.indexOf('\n', comment.end);
    const whole = isAlone
      ? { start: line.start, end: next < 0 ? text.length : next + 1 }
      : { start: line.start + code.length, end: comment.end };
    return [{ comment, rule, whole, isAlone }];
  });
}

/** What the comments of an ebuild say. */
export interface IgnoreComments {
  readonly rules: readonly IgnoreRule[];
  /** A finding for each comment that silences nothing because it is no rule. */
  readonly problems: readonly Finding[];
}

/** Reads the comments `# audit: ignore CODE [ATOM] – reason` of an ebuild. Inside a value that is no comment. Total. */
export function readIgnoreComments(facts: EbuildFacts): IgnoreComments {
  const { text } = facts;
  const rules: IgnoreRule[] = [];
  const problems: Finding[] = [];
  for (const { comment, rule, isAlone } of findComments(text, () => facts.assignments)) {
    const read = readIgnoreRule(rule);
    if ('problem' in read) {
      const { near } = read;
      const at = text.indexOf(near?.written ?? '', comment.end - rule.length);
      problems.push({
        code: 'stale-ignore',
        severity: 'warning',
        message: read.problem,
        range: comment,
        evidence: [],
        about: [],
        fix:
          near &&
          asFix(
            `Write ${near.meant}`,
            [{ start: at, end: at + near.written.length, newText: near.meant }],
            false,
          ),
      });
    } else {
      const behind = isAlone ? {} : { behind: statementAt(facts, lineOf(text, comment.start)) };
      rules.push({ ...read, place: { kind: 'ebuild', comment, ...behind } });
    }
  }
  return { rules, problems };
}

/** A comment behind the closing quote of a value is about the whole value. */
function statementAt(facts: EbuildFacts, line: TextRange): TextRange {
  const assignment = facts.assignments.find(({ end }) => line.start <= end && end <= line.end);
  return assignment === undefined ? line : { start: Math.min(assignment.start, line.start), end: line.end };
}

/**
 * A text without its `# audit: ignore` comments. What two texts that have it in common are built to, and what is seen while they
 * are, is the same.
 */
export function withoutIgnoreComments(text: string): string {
  return applyEdits(
    text,
    findComments(text, () => scanLines(text).assignments).map(({ whole }) => ({ ...whole, newText: '' })),
  );
}

/** Whether a text is the one that was built, or differs from it only in what it ignores. */
export function isTextOf(record: { readonly text: string }, text: string): boolean {
  return record.text === text || withoutIgnoreComments(record.text) === withoutIgnoreComments(text);
}

/** The edit that takes a comment out, with its line where it has one to itself. */
export function removeComment({ text, assignments }: EbuildFacts, comment: TextRange): Fix {
  const found = findComments(text, () => assignments).find(
    (written) => written.comment.start === comment.start,
  );
  return {
    title: 'Remove the stale comment',
    edits: [{ ...(found?.whole ?? comment), newText: '' }],
  };
}

/**
 * The edit that silences a finding in the ebuild, but for the reason: only the author knows it, and as long as there is none the comment
 * says so and the finding stays.
 */
export function proposeIgnore(facts: EbuildFacts, finding: Finding): Fix {
  const [name] = finding.about;
  const what = name === undefined ? finding.code : `${finding.code} ${name}`;
  const start = placeAbove(facts, finding.range.start);
  return {
    title: `Ignore ${finding.code}${name === undefined ? '' : ` of ${name}`} in this ebuild (needs a reason)`,
    edits: [{ start, end: start, newText: `# audit: ignore ${what} –\n` }],
    guess: true,
  };
}

/** The line above the statement or function that an offset is in: inside it a comment might be text. */
function placeAbove({ text, assignments, functions }: EbuildFacts, offset: number): number {
  const holds = ({ start, end }: TextRange) => start <= offset && offset <= end;
  const outermost = [...functions, ...assignments.map(({ statement }) => statement)].filter(holds);
  return lineOf(text, Math.min(offset, ...outermost.map(({ start }) => start))).start;
}
