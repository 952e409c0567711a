import { type Finding, STATIC_CODES, TRIAL_CODES, type Verdict } from '../audit/finding.ts';
import type { TrialRecord } from '../audit/record.ts';
import { hasJudgedStates } from '../audit/silencing/judged-codes.ts';
import { isJudged, type Looked } from '../audit/silencing/silence-static.ts';
import type { PackageName } from '../pms/package-name.ts';
import { identifyFinding } from './compare-findings.ts';

/** Findings that are known in an ebuild, as a file of them has it. */
export interface KnownFinding {
  /** `CATEGORY/PACKAGE/PACKAGE-VERSION.ebuild`, the path below the repository of ebuilds, wherever that is. */
  readonly file: string;
  readonly code: string;
  /** `fault`: an error or a warning. */
  readonly level: 'fault' | 'advice';
  /** The packages, the flag and the variable that it is about, see {@link identifyFinding}; otherwise its sentence. */
  readonly about: string;
  /** The number of findings that are alike; at least 1. */
  readonly count: number;
  /** A run with several USE states has found it, so one with a single state does not show that it is gone. */
  readonly matrix?: true | undefined;
}

/** A known finding that is not there any more, or not so often. */
export interface StaleFinding extends KnownFinding {
  readonly reason: 'ebuild-gone' | 'finding-gone';
  /** How many there are now; less than `count`. */
  readonly left: number;
}

/** What a run says about a baseline. */
export interface BaselineSummary {
  /** The name of its file. */
  readonly name: string;
  /** The number of findings that are not reported, because they are known. */
  readonly hidden: number;
  readonly stale: readonly StaleFinding[];
  /** The number of findings in the file, if this run has written it; `stale` is then empty. */
  readonly written?: number;
}

/** The findings of an ebuild in this run, known or not. */
export interface SeenFindings {
  readonly findings: readonly Finding[];
  /** Whether several USE states were tried. */
  readonly hasStates: boolean;
  /** Whether a known finding was looked for, so that its absence means that it is gone. */
  isLookedFor(known: KnownFinding): boolean;
}

/** The path of an ebuild as {@link KnownFinding} has it. */
export function toKnownPath(path: string): string {
  return path.split('/').slice(-3).join('/');
}

/**
 * Chooses the findings of an ebuild that are known.
 *
 * @param entries those of this ebuild
 * @param taken findings that are not new for another reason, and take the place of known ones that are alike
 */
export function selectKnown(
  entries: readonly KnownFinding[],
  file: string,
  findings: readonly Finding[],
  taken: readonly Finding[] = [],
): ReadonlySet<Finding> {
  const left = new Map(entries.map((known) => [keyOf(known), known.count]));
  const take = (finding: Finding): boolean => {
    const key = keyOf(describeKnown(file, finding));
    const count = left.get(key) ?? 0;
    left.set(key, count - 1);
    return count > 0;
  };
  for (const finding of taken) take(finding);
  return new Set(findings.filter(take));
}

/**
 * Finds what a baseline has and a run does not.
 *
 * @param seen the findings of each ebuild that was looked at, by its path as {@link KnownFinding} has it
 * @param isGone whether an ebuild that was not looked at is not there any more
 */
export function findStale(
  baseline: readonly KnownFinding[],
  seen: ReadonlyMap<string, SeenFindings>,
  isGone: (file: string) => boolean,
): readonly StaleFinding[] {
  const counts = countSeen(seen);
  return baseline.flatMap((known): StaleFinding[] => {
    const here = seen.get(known.file);
    if (here === undefined) return isGone(known.file) ? [{ ...known, reason: 'ebuild-gone', left: 0 }] : [];
    const left = counts.get(keyOf(known))?.count ?? 0;
    return left < known.count && here.isLookedFor(known) ? [{ ...known, reason: 'finding-gone', left }] : [];
  });
}

/** The baseline with the findings of a run, and without what is stale. Sorted, so that its file changes only where findings do. */
export function renewBaseline(
  baseline: readonly KnownFinding[],
  seen: ReadonlyMap<string, SeenFindings>,
  isGone: (file: string) => boolean,
): readonly KnownFinding[] {
  const renewed = new Map(baseline.map((known) => [keyOf(known), known]));
  for (const { left, reason, ...known } of findStale(baseline, seen, isGone)) {
    if (left === 0) renewed.delete(keyOf(known));
    else renewed.set(keyOf(known), { ...known, count: left });
  }
  for (const [key, known] of countSeen(seen)) {
    const { count = 0, matrix } = renewed.get(key) ?? {};
    renewed.set(key, { ...known, ...(matrix && { matrix }), count: Math.max(count, known.count) });
  }
  return [...renewed].sort(([left], [right]) => (left < right ? -1 : 1)).map(([, known]) => known);
}

/** Whether the checks of a text show all findings that a known one is like. */
export function isLookedForInText({ code }: KnownFinding, looked: Looked): boolean {
  const own = code.startsWith('pkgcheck:') || (STATIC_CODES as readonly string[]).includes(code);
  // A stale comment is found by the text or by a trial, depending on what it ignores.
  return own && code !== 'stale-ignore' && isJudged({ code: code as Finding['code'] }, looked);
}

/** Whether a trial shows all findings that a known one is like. */
export function isLookedForInTrial(
  { code, about, matrix }: KnownFinding,
  record: TrialRecord,
  verdict: Verdict,
): boolean {
  const own = TRIAL_CODES.find((name) => name === code);
  if (own === undefined || !verdict.isBuilt || record.outcome !== 'passed') return false;
  if (matrix === true && record.variants.length === 0) return false;
  const names = about.split(' ').filter((word): word is PackageName => word.includes('/'));
  const rules = names.length === 0 ? [{}] : names.map((name) => ({ about: name }));
  return rules.every((rule) => hasJudgedStates(record, { code: own, ...rule }));
}

function describeKnown(file: string, finding: Finding): Omit<KnownFinding, 'count'> {
  const [code = '', level, ...about] = identifyFinding(finding).split('\n');
  return { file, code, level: level === 'fault' ? 'fault' : 'advice', about: about.join(' ') };
}

function countSeen(seen: ReadonlyMap<string, SeenFindings>): Map<string, KnownFinding> {
  const counts = new Map<string, KnownFinding>();
  for (const [file, { findings, hasStates }] of seen) {
    for (const finding of findings) {
      const isOfStates = hasStates && TRIAL_CODES.some((code) => code === finding.code);
      const described = { ...describeKnown(file, finding), ...(isOfStates && { matrix: true as const }) };
      const key = keyOf(described);
      counts.set(key, { ...described, count: (counts.get(key)?.count ?? 0) + 1 });
    }
  }
  return counts;
}

function keyOf({ file, code, level, about }: Omit<KnownFinding, 'count'>): string {
  return JSON.stringify([file, code, level, about]);
}
