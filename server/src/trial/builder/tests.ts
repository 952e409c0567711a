import type { InstalledLookup } from '../../installed/visible-set.ts';
import type { EvaluatedMetadata } from '../../package-manager/port.ts';
import type { DependencyNode } from '../../pms/dependency.ts';
import { isSatisfied } from '../../pms/match.ts';
import { parseRestrict } from '../../pms/name-list.ts';
import { collectItems } from '../../pms/specification.ts';
import { evaluateUse } from '../../pms/use.ts';

/** `run`: src_test is run; `none`: RESTRICT forbids it in every case; `left-out`: it is left out only in this USE state. */
export type Tests = 'run' | 'none' | 'left-out';

/**
 * Decides whether src_test is run in the USE state of the metadata. It is, if the flag `test` is enabled and RESTRICT does not forbid it
 * (PMS 7.3.6). For an ebuild without that flag, the tests are left out in every state.
 */
export function decideTests({ use, iuse, restrict }: EvaluatedMetadata): Tests {
  const isForbidden = (flags: readonly string[]) =>
    collectItems(evaluateUse(parseRestrict(restrict).nodes, flags)).some(({ text }) => text === 'test');
  if (use.includes('test')) return isForbidden(use) ? 'none' : 'run';
  return isForbidden(iuse.includes('test') ? [...use, 'test'] : use) ? 'none' : 'left-out';
}

/**
 * Whether tests can be run with the installed packages and the fetched distfiles.
 *
 * @param metadata evaluated with the flag `test`
 * @param declared the nodes of DEPEND and BDEPEND that are active in that USE state
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
