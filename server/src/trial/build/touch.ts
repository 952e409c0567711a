import type { Licence, TouchedFile } from '../../audit/traced.ts';
import { createGenerationCache } from '../../installed/generation-cache.ts';
import { type HiddenPaths, isHidden } from '../../installed/hidden-paths.ts';
import type { Owner } from '../../installed/owner-index/owner-index.ts';
import { locateOnMachine } from '../../installed/root-layout.ts';
import type { InstalledPackage } from '../../installed/vdb.ts';
import { closeOverRuntime, type VisiblePackage } from '../../installed/visible-set.ts';
import { type RootState, toRecorded } from '../world/root-state.ts';

const NOTHING: readonly TouchedFile[] = [];

/** More than the paths that the programs of a build share. */
const MOST_ANSWERS = 20_000;

/** Says which owned files a path of the root leads to, in the view of the visible packages. */
export function createTouch(
  root: RootState,
  visible: ReadonlyMap<InstalledPackage, VisiblePackage>,
  hidden: HiddenPaths,
): (path: string) => readonly TouchedFile[] {
  const cache = createGenerationCache<readonly TouchedFile[]>(MOST_ANSWERS);
  const describe = (path: string): readonly TouchedFile[] => {
    if (
      locateOnMachine(root.layout, path) === undefined &&
      !root.layout.links.some((link) => path.startsWith(`${link.path}/`))
    ) {
      return NOTHING;
    }
    const resolved = root.resolver.resolve(path);
    const touched: TouchedFile[] = [];
    for (const step of [...resolved.links, resolved.path]) {
      const owner = mostLicensed(root.index.ownersOf(step), visible);
      if (owner === undefined) continue;
      touched.push({
        package: toRecorded(owner),
        path: step,
        hidden: isHidden(hidden, step),
        licence: licenceOf(visible.get(owner)),
      });
      // The kernel's walk ends at a link that the view hides.
      if (isHidden(hidden, step)) break;
    }
    return touched.length === 0 ? NOTHING : touched;
  };
  return (path) => {
    const known = cache.get(path);
    if (known !== undefined) return known;
    const touched = describe(path);
    cache.set(path, touched);
    return touched;
  };
}

/** Whoever may use one of the packages that record a path may use the path. */
function mostLicensed(
  owners: readonly Owner[],
  visible: ReadonlyMap<InstalledPackage, VisiblePackage>,
): InstalledPackage | undefined {
  const rank = (one: Owner) => LICENCES.indexOf(licenceOf(visible.get(one.package)));
  return owners.reduce((best: Owner | undefined, one) => {
    return best === undefined || rank(one) > rank(best) ? one : best;
  }, undefined)?.package;
}

/** From the least to the most. */
const LICENCES: readonly Licence[] = ['hidden', 'package-manager-only', 'closure', 'system', 'declared'];

export function licenceOf(visible: VisiblePackage | undefined): Licence {
  switch (visible?.reason) {
    case 'declared':
    case 'revealed':
      return 'declared';
    case 'system':
      return 'system';
    case 'declared-closure':
    case 'system-closure':
      return 'closure';
    case 'package-manager':
      return 'package-manager-only';
    default:
      return 'hidden';
  }
}

/** Says whether one package's programs need another package in order to run. */
export function createNeedsToRun(root: RootState) {
  const closures = new Map<string, Set<string>>();
  const key = (one: { category: string; name: string; version: string }) =>
    `${one.category}/${one.name}-${one.version}`;
  return (program: Parameters<typeof key>[0], other: Parameters<typeof key>[0]): boolean => {
    const name = key(program);
    let closure = closures.get(name);
    if (closure === undefined) {
      const start = (root.lookup.get(`${program.category}/${program.name}`) ?? []).filter(
        (one) => key(one) === name,
      );
      closure = new Set([...closeOverRuntime(start, root.lookup)].map(key));
      closures.set(name, closure);
    }
    return closure.has(key(other));
  };
}
