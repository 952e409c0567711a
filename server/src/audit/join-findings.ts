import { asFix, type Finding, type Fix, type Verdict } from './finding.ts';
import { toSentence } from './finding-sentence.ts';
import { isSure } from './fix-all.ts';

/**
 * Joins the findings about one package that both DEPEND and RDEPEND lack into one, for readers: the author adds it once. Programs get each of
 * them, because a rule may silence one code and not the other.
 *
 * @returns the findings in the same order; the joined one stands where the first of the two was
 */
export function joinFindings(findings: readonly Finding[]): readonly Finding[] {
  const joined: Finding[] = [];
  const waiting = new Map<string, number>();
  for (const finding of findings) {
    const key = keyOf(finding);
    const at = key === undefined ? undefined : waiting.get(key);
    const other = at === undefined ? undefined : joined[at];
    if (at === undefined || other === undefined || other.code === finding.code) {
      if (key !== undefined) waiting.set(key, joined.length);
      joined.push(finding);
    } else {
      joined[at] =
        other.code === 'missing-depend' ? join(other, finding, other) : join(finding, other, other);
      waiting.delete(key as string);
    }
  }
  return joined;
}

/** A verdict whose findings are joined as {@link joinFindings} does. */
export function joinVerdict(verdict: Verdict): Verdict {
  return { ...verdict, findings: joinFindings(verdict.findings) };
}

/** Findings with the same key are joined; undefined for those that never are. Of both or of neither the fix is sure, so that it stays sure. */
function keyOf(finding: Finding): string | undefined {
  const {
    code,
    about: [name],
    addition,
  } = finding;
  const isLibrary = code === 'missing-depend' || code === 'missing-rdepend';
  return isLibrary && addition !== undefined ? `${name} ${addition.entry} ${isSure(finding)}` : undefined;
}

/** @param first the one that stands first in the text */
function join(build: Finding, run: Finding, first: Finding): Finding {
  const { addition, why } = build;
  if (addition === undefined || run.addition === undefined) return first;
  const what = `Add ${addition.entry} to ${addition.targets.join(' and ')}`;
  const both = [addition, run.addition];
  const alternatives = distinct(both.flatMap((each) => each.alternatives));
  const join = (parts: readonly string[]): string => [...new Set(parts)].join('');
  const addendum = join(both.map((each) => each.addendum));
  const notes = join(both.map((each) => each.notes));
  return {
    ...without(build),
    severity: build.severity === 'error' ? build.severity : run.severity,
    message: toSentence(`${what}${addendum}`, `${addition.reason}; ${run.addition.reason}${notes}`),
    range: first.range,
    evidence: [...build.evidence, ...run.evidence],
    fix: asFix(what, addition.edits, isSure(build)),
    ...(alternatives.length === 0 ? {} : { alternatives }),
    ...(why === undefined
      ? {}
      : {
          why: {
            ...why,
            rule: [...new Set([why.rule, run.why?.rule ?? why.rule])].join(' '),
            trials: [...new Set([...why.trials, ...(run.why?.trials ?? [])])],
          },
        }),
  };
}

/** A finding without what the joined one has of its own. */
function without({ alternatives: _, addition: __, ...finding }: Finding): Finding {
  return finding;
}

function distinct(fixes: readonly Fix[]): readonly Fix[] {
  return [...new Map(fixes.map((fix) => [JSON.stringify(fix.edits), fix])).values()];
}
