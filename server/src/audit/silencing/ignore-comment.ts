import type { EbuildFacts } from '../../ebuild/ebuild-facts.ts';
import { lineOf } from '../../ebuild/line-scan.ts';
import { applyEdits } from '../../ebuild/text-edit.ts';
import type { TextRange } from '../../pms/text-range.ts';
import { asFix, type Finding, type Fix } from '../finding.ts';
import { type IgnoreRule, readIgnoreRule } from './ignore-rule.ts';

/** `# audit: ignore …` to the end of its line, anywhere in a line. */
const COMMENT = /#[ \t]*audit:[ \t]*ignore(?![\w-])([^\r\n]*)/g;

interface WrittenComment {
  /** From its `#`. */
  readonly comment: TextRange;
  /** The text after `ignore`. */
  readonly rule: string;
  /**
   * The range that is removed with the comment: its line if nothing else is on it, else the comment and the blanks
   * before it.
   */
  readonly whole: TextRange;
  /** Whether nothing else is on its line. */
  readonly isAlone: boolean;
}

/**
 * The ignore comments, in the order of the text. A line of a string or a here-document is none. If the text is not bash, any such line outside
 * the values of the assignments is one.
 */
function findComments(facts: EbuildFacts): WrittenComment[] {
  const { text } = facts;
  // Nearly every ebuild has none.
  if (!text.includes('audit:')) return [];
  const known = facts.errors.length > 0 ? undefined : new Set(facts.comments.map(({ start }) => start));
  const values = facts.assignments.map(({ valueRange }) => valueRange);
  return [...text.matchAll(COMMENT)].flatMap(({ 0: written, 1: rule = '', index }) => {
    const comment = { start: index, end: index + written.length };
    const line = lineOf(text, index);
    const before = text.slice(line.start, index);
    const code = before.trimEnd();
    const isInValue = values.some(({ start, end }) => start < index && index < end);
    if (isInValue || (before !== '' && code === before)) return [];
    if (known?.has(index) === false) return [];
    const isAlone = code === '';
    const next = text.indexOf('\n', comment.end);
    const whole = isAlone
      ? { start: line.start, end: next < 0 ? text.length : next + 1 }
      : { start: line.start + code.length, end: comment.end };
    return [{ comment, rule, whole, isAlone }];
  });
}

/** The rules that the comments of an ebuild state. */
export interface IgnoreComments {
  readonly rules: readonly IgnoreRule[];
  /** A finding for each comment that is not a valid rule and therefore silences nothing. */
  readonly problems: readonly Finding[];
}

/**
 * Reads the comments `# audit: ignore CODE [ATOM] – reason` of an ebuild. Text inside a value is not a comment.
 * Total.
 */
export function readIgnoreComments(facts: EbuildFacts): IgnoreComments {
  const { text } = facts;
  const rules: IgnoreRule[] = [];
  const problems: Finding[] = [];
  for (const { comment, rule, isAlone } of findComments(facts)) {
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

/** The statement that a comment on this line is about: after the closing quote of a value, the whole assignment. */
function statementAt(facts: EbuildFacts, line: TextRange): TextRange {
  const assignment = facts.assignments.find(({ end }) => line.start <= end && end <= line.end);
  return assignment === undefined ? line : { start: Math.min(assignment.start, line.start), end: line.end };
}

/**
 * The text without its `# audit: ignore` comments; the whole text if it is not bash, because it is not sure then what is a comment. Two texts
 * that are equal without them build in the same way, so a trial sees the same.
 */
export function withoutIgnoreComments(facts: EbuildFacts): string {
  const { text, errors } = facts;
  if (!text.includes('audit:') || errors.length > 0) return text;
  return applyEdits(
    text,
    findComments(facts).map(({ whole }) => ({ ...whole, newText: '' })),
  );
}

/** Whether a text is the one that was built, or differs from it only in its ignore comments. */
export function isTextOf(
  record: { readonly text: string; readonly bareText: string },
  facts: EbuildFacts,
): boolean {
  return record.text === facts.text || record.bareText === withoutIgnoreComments(facts);
}

/** The edit that removes a comment, with its line if nothing else is on it. */
export function removeComment(facts: EbuildFacts, comment: TextRange): Fix {
  const found = findComments(facts).find((written) => written.comment.start === comment.start);
  return {
    title: 'Remove the stale comment',
    edits: [{ ...(found?.whole ?? comment), newText: '' }],
  };
}

/**
 * The edit that adds an ignore comment without a reason, because only the author knows it. Until a reason is written,
 * the comment is reported and the finding stays.
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

/**
 * The start of the line on which the outermost statement or function around an offset begins: inside it, a comment
 * might be text.
 */
function placeAbove({ text, assignments, functions }: EbuildFacts, offset: number): number {
  const holds = ({ start, end }: TextRange) => start <= offset && offset <= end;
  const outermost = [...functions, ...assignments.map(({ statement }) => statement)].filter(holds);
  return lineOf(text, Math.min(offset, ...outermost.map(({ start }) => start))).start;
}
