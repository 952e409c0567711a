import { type Finding, type FindingCode, TRIAL_CODES } from '../audit/finding.ts';

/** What a change does to the findings of an ebuild. */
export interface FindingChanges {
  /** Findings of the text at the head that the base did not have. */
  readonly added: readonly Finding[];
  /**
   * Findings of the text at the base that the head does not have. Where a package is now missing, what was wrong with its atom is not fixed,
   * and is left out.
   */
  readonly fixed: readonly Finding[];
  /** Findings of the text at the head that the base had as well. */
  readonly unchanged: readonly Finding[];
}

/**
 * Compares the findings of two texts. Ranges, paths and edits do not count, because they follow from the text: a finding stays the same if its
 * code, its packages and, where it is about them, its flags and variables stay the same. If there are several alike, their number counts, and
 * those with the same sentence belong together.
 */
export function compareFindings(before: readonly Finding[], after: readonly Finding[]): FindingChanges {
  const groups = new Map<string, Finding[]>();
  for (const finding of before) {
    const key = identifyFinding(finding);
    groups.set(key, [...(groups.get(key) ?? []), finding]);
  }
  const take = (finding: Finding, isSame: (left: Finding, right: Finding) => boolean): boolean => {
    const group = groups.get(identifyFinding(finding)) ?? [];
    const at = group.findIndex((known) => isSame(known, finding));
    if (at >= 0) group.splice(at, 1);
    return at >= 0;
  };
  const known = new Set(
    after.filter((finding) => take(finding, (left, right) => left.message === right.message)),
  );
  for (const finding of after) if (!known.has(finding) && take(finding, () => true)) known.add(finding);
  const left = new Set([...groups.values()].flat());
  const added = after.filter((finding) => !known.has(finding));
  return {
    added,
    fixed: before.filter((finding) => left.has(finding) && !added.some((other) => replaces(other, finding))),
    unchanged: after.filter((finding) => known.has(finding)),
  };
}

const MISSING = /^missing-\w?depend$/;

/**
 * Whether a finding says that a package is missing which the other one is about. That the other one was missing in another variable can be
 * fixed all the same, and an information, that a declared package had better be in one more variable, says nothing about it.
 */
function replaces({ code, severity, about }: Finding, other: Finding): boolean {
  const isSame = about.some((name) => other.about.includes(name));
  const isMissing = MISSING.test(code) && (severity === 'error' || severity === 'warning');
  return isMissing && isSame && (code === other.code || !MISSING.test(other.code));
}

/** Codes of findings about a variable: two findings about one package in two variables are two. */
const ABOUT_VARIABLE = new Set(['duplicate-atom', 'misplaced', 'unused']);
/** Codes of findings that ask for a flag of a package. */
const ABOUT_FLAG = new Set(['missing-target-usedep', 'missing-use-dependency']);

/**
 * A text that is the same for findings that are the same to a reader. A finding that becomes an error or a warning is another one, because the
 * exit status follows from it.
 */
export function identifyFinding({ code, severity, about, message, fix }: Finding): string {
  const parts: string[] = [code, severity === 'error' || severity === 'warning' ? 'fault' : 'advice'];
  if (about.length === 0) parts.push(withoutDetails(describesFirst(code) ? message : reasonOf(message)));
  else parts.push([...about].sort().join(' '));
  if (ABOUT_VARIABLE.has(code)) parts.push(...(message.match(/\b[BRPI]?DEPEND\b/g) ?? []).slice(0, 1));
  if (ABOUT_FLAG.has(code)) parts.push(/\[([^\]]*)\]/.exec(fix?.title ?? message)?.[1] ?? '');
  return parts.join('\n');
}

/** Whether the sentences of a code say first what is wrong. Those of trials begin with the remedy. */
const describesFirst = (code: FindingCode): boolean =>
  !BEGIN_WITH_REMEDY.has(code) || code === 'unowned-file';

const BEGIN_WITH_REMEDY: ReadonlySet<FindingCode> = new Set(TRIAL_CODES);

const reasonOf = (message: string): string => message.replace(/^.*?: /s, '');

/** The part of a sentence that says what is wrong, without the advice, without what is in brackets, and without numbers. */
function withoutDetails(message: string): string {
  return message
    .replace(/ \(.*\)/s, '')
    .replace(/: .*$/s, '')
    .replace(/\d+(?:\.\d+)*/g, '#');
}
