import { type RootState, toRecorded } from '../../host/root-state.ts';
import { createGenerationCache } from '../../installed/generation-cache.ts';
import { type HiddenPaths, isHidden } from '../../installed/hidden-paths.ts';
import type { Owner } from '../../installed/owner-index/owner-index.ts';
import { locateOnMachine } from '../../installed/root-layout.ts';
import type { InstalledPackage } from '../../installed/vdb.ts';
import { closeOverRuntime, type VisiblePackage } from '../../installed/visible-set.ts';
import { packageId } from '../../pms/package-id.ts';
import type { RecordedPackage } from '../../trace/evidence.ts';
import { classifyPath } from '../../trace/path-class.ts';
import type { Licence, TouchedFile, TraceContext } from '../../trace/trace-context.ts';
import type { BuildView } from './build-view.ts';

const NOTHING: readonly TouchedFile[] = [];

/** More than the paths that the programs of a build share. */
const MOST_ANSWERS = 20_000;

/** What the reading of a trace asks of a root and of a view of it. */
export function createRootKnowledge(
  root: RootState,
  view: BuildView,
): Pick<TraceContext, 'touch' | 'needsToRun' | 'hasHeaders' | 'hiddenAt' | 'unowned'> {
  return {
    touch: createTouch(root, view.visible, view.hidden),
    needsToRun: createNeedsToRun(root),
    hasHeaders: createHasHeaders(root),
    hiddenAt: createHiddenAt(root, view),
    unowned: createUnowned(root),
  };
}

/** Python writes what it compiled beside the module (PEP 3147), and the packages of some distributions do not record it. */
const COMPILED = /\/__pycache__\/([^/.]+)\.[^/]+\.pyc$/;

/** Says which owned files a path of the root leads to, in the view of the visible packages. */
export function createTouch(
  root: RootState,
  visible: ReadonlyMap<InstalledPackage, VisiblePackage>,
  hidden: HiddenPaths,
): (path: string) => readonly TouchedFile[] {
  const cache = createGenerationCache<readonly TouchedFile[]>(MOST_ANSWERS);
  const recorded = new Map<InstalledPackage, RecordedPackage>();
  const record = (installed: InstalledPackage): RecordedPackage => {
    const known = recorded.get(installed);
    if (known !== undefined) return known;
    const made = toRecorded(installed);
    recorded.set(installed, made);
    return made;
  };
  const describe = (path: string): readonly TouchedFile[] => {
    if (!isOfRoot(root, path)) return NOTHING;
    const resolved = root.resolver.resolve(path);
    const onTheWay = new Set(linksOnTheWay(root, path));
    const touched: TouchedFile[] = [];
    for (const step of [...resolved.links, resolved.path]) {
      const owner = mostLicensed(root.index.ownersOf(step), visible);
      if (owner === undefined) continue;
      touched.push({
        package: record(owner),
        path: step,
        hidden: isHidden(hidden, step),
        licence: licenceOf(visible.get(owner)),
        ...(onTheWay.has(step) ? { onTheWay: true } : {}),
      });
      // The kernel's walk ends at a link that the view hides.
      if (isHidden(hidden, step)) break;
    }
    if (touched.length > 0) return touched;
    return COMPILED.test(path) ? describe(path.replace(COMPILED, '/$1.py')) : NOTHING;
  };
  return (path) => {
    const known = cache.get(path);
    if (known !== undefined) return known;
    const touched = describe(path);
    cache.set(path, touched);
    return touched;
  };
}

/** The links that stand for folders of a path: those of the path itself come after them. */
function linksOnTheWay({ resolver }: RootState, path: string): readonly string[] {
  const { links } = resolver.resolve(path);
  const itself = links.indexOf(resolver.resolveParents(path));
  return itself < 0 ? links : links.slice(0, itself);
}

function isOfRoot({ layout }: RootState, path: string): boolean {
  return (
    locateOnMachine(layout, path) !== undefined ||
    layout.links.some((link) => path.startsWith(`${link.path}/`))
  );
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
export function createNeedsToRun(root: RootState): TraceContext['needsToRun'] {
  const closures = new Map<string, Set<string>>();
  return (program, other) => {
    const id = packageId(program);
    let closure = closures.get(id);
    if (closure === undefined) {
      closure = new Set([...closeOverRuntime(findInstalled(root, program), root.lookup)].map(packageId));
      closures.set(id, closure);
    }
    return closure.has(packageId(other));
  };
}

function findInstalled({ lookup }: RootState, one: RecordedPackage): readonly InstalledPackage[] {
  const id = packageId(one);
  return (lookup.get(`${one.category}/${one.name}`) ?? []).filter((each) => packageId(each) === id);
}

function createHasHeaders(root: RootState): TraceContext['hasHeaders'] {
  const known = new Map<string, boolean>();
  return (one) => {
    const id = packageId(one);
    let answer = known.get(id);
    if (answer === undefined) {
      answer = findInstalled(root, one).some((installed) => {
        for (const { path } of root.index.filesOf(installed))
          if (classifyPath(path) === 'header') return true;
        return false;
      });
      known.set(id, answer);
    }
    return answer;
  };
}

/** Folders in which programs look by listing them, and never name what the list lacks. */
const LOOKED_THROUGH = /\/cmake$|\/(site|dist)-packages$|\/share\/aclocal[^/]*$/;

/** A hidden folder that more packages share says little about each. */
const MOST_SHARERS = 4;

function createHiddenAt(root: RootState, view: BuildView): TraceContext['hiddenAt'] {
  const describe = (path: string, owners: readonly InstalledPackage[]): TouchedFile[] =>
    owners
      .filter((one) => (view.visible.get(one)?.visibility ?? 'hidden') !== 'full')
      .slice(0, MOST_SHARERS)
      .map((one) => ({ package: toRecorded(one), path, hidden: true, licence: 'hidden' }));
  const folderAt = (path: string) => describe(path, root.index.packagesInFolder(path));
  return (named, listed) => {
    if (!isOfRoot(root, named)) return NOTHING;
    const { path } = root.resolver.resolve(named);
    if (!listed) return isHidden(view.hidden, path) ? folderAt(path) : NOTHING;
    if (!LOOKED_THROUGH.test(path)) return NOTHING;
    const files = [...(view.hidden.files.get(path) ?? [])].flatMap((name) => {
      const file = `${path}/${name}`;
      return describe(
        file,
        root.index.ownersOf(file).map((owner) => owner.package),
      );
    });
    const folders = (view.hiddenFoldersIn.get(path) ?? []).flatMap((name) => folderAt(`${path}/${name}`));
    return [...files, ...folders];
  };
}

/** Where packages install what builds use. */
const PACKAGES_PLACE = /^\/(usr|opt|bin|sbin|lib[^/]*)\//;

function createUnowned(root: RootState): TraceContext['unowned'] {
  const cache = createGenerationCache<string | false>(MOST_ANSWERS);
  const find = (named: string): string | false => {
    if (!PACKAGES_PLACE.test(named) || !isOfRoot(root, named)) return false;
    const { path, links } = root.resolver.resolve(named);
    const itself = links.slice(linksOnTheWay(root, named).length);
    const isOwned = [...itself, path].some((one) => root.index.ownersOf(one).length > 0);
    return !isOwned && PACKAGES_PLACE.test(path) && path;
  };
  return (path) => {
    let answer = cache.get(path);
    if (answer === undefined) {
      answer = find(path);
      cache.set(path, answer);
    }
    return answer === false ? undefined : answer;
  };
}
