import type { RootState } from '../../host/root-state.ts';
import type { InstalledPackage } from '../../installed/vdb.ts';
import { closeOverRuntime, type VisiblePackage } from '../../installed/visible-set.ts';
import type { Denial } from '../../trace/denial.ts';
import type { ObservedUse } from '../builder/steps/observations.ts';
import { mentionsHeaderOf, type SourceMentions } from '../reading/source-mentions.ts';
import { findInstalledPackage } from './need.ts';

export interface RequiringInput {
  readonly required: readonly Denial[];
  readonly uses: readonly ObservedUse[];
  readonly visible: ReadonlyMap<InstalledPackage, VisiblePackage>;
  readonly root: Pick<RootState, 'lookup'> & { readonly index: Pick<RootState['index'], 'filesOf'> };
  readMentions(): Promise<SourceMentions>;
}

/**
 * Finds the packages that had to be revealed only because a module of another package requires theirs: the build asked pkg-config for
 * gobject-introspection-1.0, which BDEPEND brings, and that requires glib-2.0, which BDEPEND does not show. In DEPEND the other package
 * brings what it requires, so that this is what lacks.
 *
 * @returns the package that BDEPEND alone declares, by the denial that it explains
 */
export async function findRequiringModules({
  required,
  uses,
  visible,
  root,
  readMentions,
}: RequiringInput): Promise<Map<Denial, InstalledPackage>> {
  const asked = uses
    .filter(({ kinds }) => kinds.some(({ kind }) => kind === 'pkg-config'))
    .map((use) => findInstalledPackage(root, use.package))
    .filter((installed) => isForRunningOnly(visible.get(installed)));
  const found = new Map<Denial, InstalledPackage>();
  for (const denial of required) {
    if (!denial.weak || denial.kinds.some((kind) => kind !== 'pkg-config')) continue;
    const denied = findInstalledPackage(root, denial.package);
    const [requiring, ...others] = asked.filter((installed) =>
      closeOverRuntime([installed], root.lookup).has(denied),
    );
    if (requiring === undefined || others.length > 0) continue;
    const isIncluded = mentionsHeaderOf(await readMentions(), root.index.filesOf(denied));
    if (!isIncluded) found.set(denial, requiring);
  }
  return found;
}

function isForRunningOnly(how: VisiblePackage | undefined): boolean {
  return how?.reason === 'declared' && !how.broughtBy.includes('DEPEND');
}
