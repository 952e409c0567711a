import type { InstalledLookup } from '../../installed/visible-set.ts';
import type { EvaluatedMetadata } from '../../package-manager/port.ts';
import type { DependencyNode } from '../../pms/dependency.ts';
import { isSatisfied } from '../../pms/match.ts';
import { parseRestrict } from '../../pms/name-list.ts';
import { collectItems } from '../../pms/specification.ts';
import { evaluateUse } from '../../pms/use.ts';

/** `run`: src_test is run; `none`: there are none that may be; `left-out`: they are left out only in this USE state. */
export type Tests = 'run' | 'none' | 'left-out';

/**
 * What becomes of src_test in the USE state that the metadata are of. It is run where the flag `test` is enabled and RESTRICT does not
 * forbid it (PMS 7.3.6); an ebuild without the flag has tests that no state runs by itself.
 */
export function decideTests({ use, iuse, restrict }: EvaluatedMetadata): Tests {
  const isForbidden = (flags: readonly string[]) =>
    collectItems(evaluateUse(parseRestrict(restrict).nodes, flags)).some(({ text }) => text === 'test');
  if (use.includes('test')) return isForbidden(use) ? 'none' : 'run';
  return isForbidden(iuse.includes('test') ? [...use, 'test'] : use) ? 'none' : 'left-out';
}

/**
 * Whether tests can be run with what is installed and was fetched.
 *
 * @param metadata evaluated with the flag `test` set
 * @param declared DEPEND and BDEPEND, active in that USE state
 */
export function canTest(
  metadata: EvaluatedMetadata,
  declared: readonly DependencyNode[],
  lookup: InstalledLookup,
  distfiles: readonly { readonly name: string }[],
): boolean {
  return (
    decideTests(metadata) === 'run' &&
    isSatisfied(declared, (category, name) => lookup.get(`${category}/${name}`) ?? [], metadata.eapi) &&
    metadata.distfiles.every((file) => distfiles.some(({ name }) => name === file))
  );
}
