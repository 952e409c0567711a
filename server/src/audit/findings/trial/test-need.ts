import type { EbuildFacts } from '../../../ebuild/ebuild-facts.ts';
import { enableDistutilsTests } from '../../../ebuild/edit/enable-tests.ts';
import { nameOf } from '../../declared-packages.ts';
import { asFix, type Fix } from '../../finding.ts';
import type { Need } from '../../record.ts';
import type { DerivedCondition } from '../../use-condition.ts';

/** The condition of a package that only the tests need. */
export const UNDER_TEST: DerivedCondition = {
  alternatives: [[{ flag: 'test', negated: false }]],
  sure: true,
};

/** Whether only src_test needs a package. */
export function servesTests({ variable, evidence }: Need): boolean {
  return variable !== 'RDEPEND' && evidence.length > 0 && evidence.every(({ phase }) => phase === 'test');
}

/** The test runners that distutils_enable_tests of distutils-r1.eclass declares. */
const RUNNERS: ReadonlySet<string> = new Set(['dev-python/pytest']);

/** The call of the eclass that declares a test runner under the flag `test`; undefined if there is none. */
export function adviseRunner(
  facts: EbuildFacts,
  need: Need,
): { readonly advice: string; readonly fix: Fix | undefined } | undefined {
  if (!servesTests(need) || !RUNNERS.has(nameOf(need))) return undefined;
  const edits = enableDistutilsTests(facts, need.package.name);
  if (edits.length === 0) return undefined;
  const call = `distutils_enable_tests ${need.package.name}`;
  return {
    advice: `call ${call}, which declares ${nameOf(need)} under the flag test`,
    fix: asFix(`Call ${call}`, edits, need.certainty === 'proven'),
  };
}
