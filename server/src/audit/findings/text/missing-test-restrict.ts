import { addTestFlag } from '../../../ebuild/edit/test-flag.ts';
import { effectiveAssignments } from '../../../ebuild/variable-value.ts';
import type { TextRange } from '../../../pms/text-range.ts';
import { asFix, type Finding } from '../../finding.ts';
import type { TextSubject } from '../../subject.ts';

const TEST = /(?<![\w-])test(?![\w-])/;

/**
 * `missing-test-restrict`: the ebuild's own IUSE has `test`, and neither its RESTRICT nor an eclass keeps src_test from running without the
 * flag. A RESTRICT that names `test` under any flag counts.
 */
export function findMissingTestRestrict(subject: TextSubject): Finding[] {
  const { facts, metadata } = subject;
  if (metadata.iuse?.includes('test') !== true || !metadata.inheritsKnown) return [];
  const restrict = metadata.values.RESTRICT.value;
  if (restrict === undefined || TEST.test(restrict) || mayInheritRestriction(subject)) return [];
  return [
    {
      code: 'missing-test-restrict',
      severity: 'warning',
      message:
        'Write RESTRICT="!test? ( test )": src_test is run without the flag test of IUSE too, when what it needs may be missing.',
      range: rangeOfFlag(subject),
      evidence: [],
      fix: asFix('Restrict the tests to the flag test', addTestFlag(facts)),
      about: [],
    },
  ];
}

/** True if that cannot be known. */
function mayInheritRestriction({ facts, knowledge }: TextSubject): boolean {
  return facts.inherits.some(({ name }) => knowledge?.eclass(name)?.restrictsTests !== false);
}

/** The word in IUSE; the variable's name if another variable brings it. */
function rangeOfFlag({ facts }: TextSubject): TextRange {
  const assignments = effectiveAssignments(facts, 'IUSE', Number.POSITIVE_INFINITY);
  for (const { valueRange } of assignments) {
    const found = TEST.exec(facts.text.slice(valueRange.start, valueRange.end));
    if (found === null) continue;
    const start = valueRange.start + found.index;
    return { start, end: start + found[0].length };
  }
  return assignments[0]?.nameRange ?? { start: 0, end: 0 };
}
