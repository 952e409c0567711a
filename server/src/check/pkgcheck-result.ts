import type { Finding, OwnFindingCode } from '../audit/finding.ts';
import { packageAt } from '../audit/package-at.ts';
import { variableRange } from '../ebuild/anchor.ts';
import { declaredAtoms } from '../ebuild/declared.ts';
import type { EbuildFacts } from '../ebuild/ebuild-facts.ts';
import { lineOf } from '../ebuild/line-scan.ts';
import type { Predefined } from '../ebuild/package-variables.ts';
import { parseObject } from '../package-manager/metadata.ts';
import { isDependencyVariable } from '../pms/dependency-variable.ts';
import { nameInAtom, nameOf } from '../pms/package-name.ts';
import type { TextRange } from '../pms/text-range.ts';

/** One result of pkgcheck(1) about an ebuild or its package, from its JSON stream. */
export interface PkgcheckResult {
  /** The class of the result, which pkgcheck's documentation calls a keyword: `RedundantVersion`. */
  readonly keyword: string;
  readonly level: 'error' | 'warning' | 'style' | 'info';
  readonly message: string;
  /** Undefined for a result about the whole package or more. */
  readonly version: string | undefined;
  /** Counted from 1; empty if the result is not about lines. */
  readonly lines: readonly number[];
  /** The variable that the result is about, in capitals. */
  readonly variable: string | undefined;
  /** The atoms that the result is about, as pkgcheck prints them. */
  readonly atoms: readonly string[];
}

const LEVELS: Readonly<Record<PkgcheckResult['level'], Finding['severity']>> = {
  error: 'error',
  warning: 'warning',
  style: 'information',
  info: 'hint',
};

/**
 * Reads a line of pkgcheck's JSON stream, with the level and message that our call adds to it.
 *
 * @returns undefined if the line is not such an object
 */
export function parsePkgcheckLine(line: string): PkgcheckResult | undefined {
  const data = parseObject(line);
  if (data === undefined) return undefined;
  const { __class__: keyword, __level__: level, __message__: message, version, lineno, lines, attr } = data;
  if (typeof keyword !== 'string' || !/^\w+$/.test(keyword) || typeof message !== 'string') return undefined;
  if (typeof level !== 'string' || !Object.hasOwn(LEVELS, level)) return undefined;
  return {
    keyword,
    level: level as PkgcheckResult['level'],
    message: message.replaceAll(/\s+/g, ' ').trim(),
    version: typeof version === 'string' ? version : undefined,
    lines: [lineno, ...(Array.isArray(lines) ? lines : [])].filter(
      (number): number is number => Number.isInteger(number) && (number as number) > 0,
    ),
    variable: typeof attr === 'string' ? attr.toUpperCase() : undefined,
    atoms: [...textsIn(data.nonexistent), ...textsIn(data.deps), ...textsIn([data.atom])],
  };
}

/** Keywords of results that say that something does not exist, or that no profile can use it. */
const SAYS_UNKNOWN =
  /^(?:Nonexistent|Nonsolvable|Unknown(?:Category|Keywords|License|Mirror|Profile|UseFlags))/;

/** Whether a result is only right if the repository and all its masters are on this machine. */
export function needsWholeRepositories({ keyword }: PkgcheckResult): boolean {
  return SAYS_UNKNOWN.test(keyword);
}

const textsIn = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string') : [];

/** The content of a scan's output. */
export interface PkgcheckOutput {
  readonly results: readonly PkgcheckResult[];
  /** The number of lines that look like results and cannot be read. */
  readonly damaged: number;
  /** The other lines of the output, such as the reason why it could not scan. */
  readonly words: readonly string[];
}

/** Reads the output of a scan line by line. Total. */
export function readPkgcheckOutput(output: string): PkgcheckOutput {
  const results: PkgcheckResult[] = [];
  const words: string[] = [];
  let damaged = 0;
  for (const line of output.split('\n')) {
    if (line.startsWith('{')) {
      const result = parsePkgcheckLine(line);
      if (result === undefined) damaged++;
      else results.push(result);
    } else if (line.trim() !== '') words.push(line.trim());
  }
  return { results, damaged, words };
}

/**
 * Turns pkgcheck's results into findings of a text. The range of a result is its line, else the atom that it is
 * about, else its variable, else the top. Results about other versions of the package are left out.
 */
export function toFindings(
  results: readonly PkgcheckResult[],
  facts: EbuildFacts,
  predefined: Predefined,
): Finding[] {
  const findings: Finding[] = [];
  const seen = new Set<string>();
  for (const result of results) {
    if (result.version !== undefined && result.version !== predefined.PVR) continue;
    for (const range of rangesOf(result, facts, predefined)) {
      // pkgcheck repeats a result for each architecture and profile.
      const key = `${result.keyword} ${range.start} ${range.end} ${result.atoms.join(' ') || result.message}`;
      if (seen.has(key)) continue;
      seen.add(key);
      findings.push({
        code: `pkgcheck:${result.keyword}`,
        severity: LEVELS[result.level],
        message: result.message,
        range,
        evidence: [],
        about: packageAt(facts.text, range),
        source: 'pkgcheck',
      });
    }
  }
  return findings;
}

function rangesOf(result: PkgcheckResult, facts: EbuildFacts, predefined: Predefined): TextRange[] {
  const { text } = facts;
  const lines = result.lines.flatMap((line) => rangeOfLine(text, line) ?? []);
  if (lines.length > 0) return lines;
  const { variable } = result;
  if (variable !== undefined && isDependencyVariable(variable)) {
    const written = declaredAtoms(facts, variable, predefined);
    const atoms = result.atoms.flatMap((atom) => {
      const name = nameInAtom(atom);
      return written.find((placed) => nameOf(placed.atom) === name)?.range ?? [];
    });
    return atoms.length > 0 ? atoms : [variableRange(facts, variable)];
  }
  // "DESCRIPTION=… generic package description", "unknown license: …"
  const named = [variable, ...(result.message.toUpperCase().match(/\b[A-Z][A-Z_]{2,}\b/g) ?? [])];
  const assignment = facts.assignments.find(({ name }) => named.includes(name));
  return [assignment?.nameRange ?? facts.eapiRange ?? lineOf(text, 0)];
}

function rangeOfLine(text: string, line: number): TextRange | undefined {
  let start = 0;
  for (let left = line; left > 1; left--) {
    const newline = text.indexOf('\n', start);
    if (newline < 0) return undefined;
    start = newline + 1;
  }
  const { end } = lineOf(text, start);
  const indented = /^\s*/.exec(text.slice(start, end))?.[0].length ?? 0;
  return { start: start + indented === end ? start : start + indented, end };
}

/** Our findings that say the same as a keyword of pkgcheck. */
const SAME: Readonly<Record<string, readonly OwnFindingCode[]>> = {
  DeprecatedDep: ['package-deprecated'],
  NonexistentDeps: ['unknown-package', 'package-moved'],
  NonsolvableDepsInStable: ['unknown-package', 'package-moved', 'unknown-slot', 'unknown-version'],
  NonsolvableDepsInDev: ['unknown-package', 'package-moved', 'unknown-slot', 'unknown-version'],
  NonsolvableDepsInExp: ['unknown-package', 'package-moved', 'unknown-slot', 'unknown-version'],
  MissingUseDepDefault: ['unknown-use-flag'],
  UnknownUseFlags: ['unknown-use-flag'],
  MissingTestRestrict: ['missing-test-restrict'],
  InvalidDepend: ['invalid-atom'],
  InvalidBdepend: ['invalid-atom'],
  InvalidRdepend: ['invalid-atom'],
  InvalidPdepend: ['invalid-atom'],
  InvalidIdepend: ['invalid-atom'],
  InvalidLicense: ['invalid-atom'],
  InvalidProperties: ['invalid-atom'],
  InvalidRequiredUse: ['invalid-atom'],
  InvalidRestrict: ['invalid-atom'],
  InvalidSlot: ['invalid-atom'],
  InvalidSrcUri: ['invalid-atom'],
};

/** Keywords about a whole metadata variable, for which pkgcheck gives no line. */
const WITHOUT_PLACE = /^Invalid/;

/** Keywords that say one thing about the whole ebuild, wherever it is shown. */
const ABOUT_EBUILD: ReadonlySet<string> = new Set(['MissingTestRestrict']);

/**
 * Joins pkgcheck's findings with ours. A finding of pkgcheck is left out if one of ours says the same about the same
 * place, because ours has the exact range and the fix.
 */
export function mergePkgcheck(
  ours: readonly Finding[],
  theirs: readonly Finding[],
  facts: EbuildFacts,
): Finding[] {
  const isOurs = (finding: Finding): boolean => {
    const keyword = finding.code.slice('pkgcheck:'.length);
    const codes: readonly string[] = (Object.hasOwn(SAME, keyword) ? SAME[keyword] : undefined) ?? [];
    const isThere = (own: Finding): boolean => {
      if (ABOUT_EBUILD.has(keyword)) return true;
      if (WITHOUT_PLACE.test(keyword)) return sameVariable(own, finding, facts);
      return touches(lineOf(facts.text, finding.range.start), own.range);
    };
    return ours.some((own) => codes.includes(own.code) && isThere(own));
  };
  const nonexistent = theirs.filter(({ code }) => code === 'pkgcheck:NonexistentDeps');
  return [...ours, ...theirs.filter((finding) => !isOurs(finding) && !isConsequence(finding, nonexistent))];
}

/** Whether a dependency cannot be solved only because a package does not exist, which is a finding already. */
function isConsequence(finding: Finding, nonexistent: readonly Finding[]): boolean {
  return (
    finding.code.startsWith('pkgcheck:NonsolvableDeps') &&
    nonexistent.some(({ range }) => touches(range, finding.range))
  );
}

const touches = (left: TextRange, right: TextRange): boolean =>
  left.start < right.end && right.start < left.end;

function sameVariable(left: Finding, right: Finding, facts: EbuildFacts): boolean {
  return facts.assignments.some(
    (assignment) => touches(assignment, left.range) && touches(assignment, right.range),
  );
}
