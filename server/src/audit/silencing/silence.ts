import type { EbuildFacts } from '../../ebuild/ebuild-facts.ts';
import { lineOf } from '../../ebuild/line-scan.ts';
import { showLine } from '../../errors/visible-text.ts';
import type { Finding, SilencedFinding } from '../finding.ts';
import { inTextOrder } from '../finding-order.ts';
import { showFinding } from '../shown-finding.ts';
import { removeComment } from './ignore-comment.ts';
import { IGNORE_FILE, type IgnoreRule } from './ignore-rule.ts';

/** Findings to report, and silenced findings. */
export interface Silencing {
  /** In the order of the text. */
  readonly findings: readonly Finding[];
  readonly silenced: readonly SilencedFinding[];
}

/**
 * Removes the findings that a rule ignores, and adds a `stale-ignore` for each rule that ignores none of them.
 *
 * @param findings in any order
 * @param rules only rules about such findings
 * @param isJudged whether the findings that a rule names were looked for; otherwise it is not reported as stale
 */
export function silence(
  facts: EbuildFacts,
  findings: readonly Finding[],
  rules: readonly IgnoreRule[],
  isJudged: (rule: IgnoreRule) => boolean,
): Silencing {
  const { text } = facts;
  const used = new Set<IgnoreRule>();
  const silenced: SilencedFinding[] = [];
  const left = findings.filter((finding) => {
    const matching = rules.filter((rule) => ignores(rule, finding));
    const [first] = matching;
    if (first === undefined) return true;
    // Two rules for the same finding are both in use: only the author knows which one to remove.
    for (const rule of matching) used.add(rule);
    silenced.push({
      finding: showFinding(finding, text),
      reason: showLine(first.reason),
      place: printPlace(first, text),
    });
    return false;
  });
  const stale = rules.filter((rule) => !used.has(rule) && isJudged(rule));
  return {
    findings: inTextOrder([...left, ...stale.map((rule) => describeStale(rule, facts))]).map((finding) =>
      showFinding(finding, text),
    ),
    silenced,
  };
}

function ignores({ code, about, place }: IgnoreRule, finding: Finding): boolean {
  if (finding.code !== code) return false;
  if (place.kind === 'ebuild' && place.behind !== undefined) {
    const { start, end } = place.behind;
    if (finding.range.start > end || finding.range.end < start) return false;
  }
  return about === undefined || finding.about.includes(about);
}

function printPlace({ place }: IgnoreRule, text: string): string {
  return place.kind === 'repository'
    ? `${IGNORE_FILE}:${place.line}`
    : `line ${text.slice(0, place.comment.start).split('\n').length}`;
}

/** `stale-ignore`: a rule that ignores nothing now would hide the finding if it came back for another reason. */
function describeStale(rule: IgnoreRule, facts: EbuildFacts): Finding {
  const { text, eapiRange } = facts;
  const what = rule.about === undefined ? rule.code : `${rule.code} of ${rule.about}`;
  const common = { code: 'stale-ignore', severity: 'information', evidence: [], about: [] } as const;
  if (rule.place.kind === 'repository')
    return {
      ...common,
      message: `${printPlace(rule, text)} ignores ${what}, but there is no such finding: remove the line.`,
      range: eapiRange ?? lineOf(text, 0),
    };
  return {
    ...common,
    message: `This comment ignores ${what}, but there is no such finding: remove it.`,
    range: rule.place.comment,
    fix: removeComment(facts, rule.place.comment),
  };
}
