import { type RootState, toRecorded } from '../../host/root-state.ts';
import { createGenerationCache } from '../../installed/generation-cache.ts';
import { isHidden } from '../../installed/hidden-paths.ts';
import type { Owner } from '../../installed/owner-index/owner-index.ts';
import { locateInBase } from '../../installed/root-layout.ts';
import type { InstalledPackage } from '../../installed/vdb.ts';
import { closeOverRuntime, type VisiblePackage } from '../../installed/visible-set.ts';
import { packageId } from '../../pms/package-id.ts';
import type { RecordedPackage } from '../../trace/evidence.ts';
import { classifyPath, isLibraryFolder, isLookedThrough } from '../../trace/path-class.ts';
import { describeFiles } from '../../trace/path-description.ts';
import type { FileInView, Licence, PathDescription, TraceContext } from '../../trace/trace-context.ts';
import type { BuildView } from './build-view.ts';

/** The meaning of a path in a view of a root, with the facts that a footprint needs. */
export interface PathInRoot extends PathDescription {
  /** The resolved path, if it is of the root and not an owned file: it may be a folder. */
  readonly folder: string | undefined;
  /** Whether packages list the folder, so that a view may hide it. */
  readonly isRecorded: boolean;
  /** Whether the folder is a category of the VDB. */
  readonly isVdbCategory: boolean;
}

/** The knowledge of a root and a view of it that readers of a trace need. */
export interface RootKnowledge extends Pick<TraceContext, 'needsToRun' | 'hasHeaders' | 'hiddenIn'> {
  describePath(path: string): PathInRoot;
}

export function createRootKnowledge(root: RootState, view: BuildView): RootKnowledge {
  return {
    describePath: createDescribePath(root, view),
    needsToRun: createNeedsToRun(root),
    hasHeaders: createHasHeaders(root),
    hiddenIn: createHiddenIn(root, view),
  };
}

/** More paths than the programs of a build share. */
const MOST_DESCRIPTIONS = 20_000;

const NO_FILES: readonly FileInView[] = [];

/** The description of most paths of a build, because they are in the build's own folders. */
const NOTHING: PathInRoot = {
  files: NO_FILES,
  named: NO_FILES,
  kind: 'data',
  meant: NO_FILES,
  ambient: false,
  hiddenFolder: NO_FILES,
  unowned: undefined,
  folder: undefined,
  isRecorded: false,
  isVdbCategory: false,
};

/** Python writes compiled modules beside their sources (PEP 3147), and the packages of some distributions do not record them. */
const COMPILED = /\/__pycache__\/([^/.]+)\.[^/]+\.pyc$/;

/** A category of the VDB, with everything below it. */
const VDB_CATEGORY = /^\/var\/db\/pkg\/[^/]+/;

/** The folders in which packages install the files that builds use. */
const PACKAGES_PLACE = /^\/(usr|opt|bin|sbin|lib[^/]*)\//;

/** Describes paths of the root in one view. Answers are cached, because a build names the same paths many times. */
function createDescribePath(root: RootState, view: BuildView): RootKnowledge['describePath'] {
  const cache = createGenerationCache<PathInRoot>(MOST_DESCRIPTIONS);
  const findFiles = createFindFiles(root, view);
  const describe = (path: string): PathInRoot => {
    const isInRoot = isOfRoot(root, path);
    const walk = walkTo(root, path);
    const files = isInRoot ? findFiles(path, walk) : NO_FILES;
    const category = VDB_CATEGORY.exec(path)?.[0];
    const isRecorded = root.index.packagesInFolder(walk.end).length > 0;
    if (!isInRoot && !isRecorded && category === undefined) return NOTHING;
    // A link that a package owns may lead to the folder.
    const isFile = root.index.ownersOf(walk.end).length > 0;
    const isHiddenHere = isInRoot && isHidden(view.hidden, walk.end);
    const { named, kind, meant, ambient } = describeFiles(files);
    // Copying these with the spread operator takes several times as long.
    return {
      files,
      named,
      kind,
      meant,
      ambient,
      hiddenFolder: isHiddenHere ? describeFolder(root, view, walk.end) : NO_FILES,
      unowned: isInRoot ? findUnowned(root, path, walk) : undefined,
      folder: category ?? (isFile ? undefined : walk.end),
      isRecorded,
      isVdbCategory: category !== undefined,
    };
  };
  return (path) => {
    const known = cache.get(path);
    if (known !== undefined) return known;
    const described = describe(path);
    cache.set(path, described);
    return described;
  };
}

/** The kernel's walk along a path. */
interface Walk {
  /** The path with links resolved. */
  readonly end: string;
  readonly links: readonly string[];
  /** The links that stand for folders of the path. They come first in `links`. */
  readonly onTheWay: readonly string[];
}

function walkTo({ resolver }: RootState, path: string): Walk {
  const { path: end, links } = resolver.resolve(path);
  if (links.length === 0) return { end, links, onTheWay: links };
  const itself = links.indexOf(resolver.resolveParents(path));
  return { end, links, onTheWay: itself < 0 ? links : links.slice(0, itself) };
}

/** Finds the owned files that a path of the root leads to. */
function createFindFiles(
  root: RootState,
  view: BuildView,
): (path: string, walk: Walk) => readonly FileInView[] {
  const recorded = new Map<InstalledPackage, RecordedPackage>();
  const record = (installed: InstalledPackage): RecordedPackage => {
    const known = recorded.get(installed);
    if (known !== undefined) return known;
    const made = toRecorded(installed);
    recorded.set(installed, made);
    return made;
  };
  const findOn = ({ end, links, onTheWay }: Walk): readonly FileInView[] => {
    const found: FileInView[] = [];
    for (const step of [...links, end]) {
      const owner = mostLicensed(root.index.ownersOf(step), view.visible);
      if (owner === undefined) continue;
      const hidden = isHidden(view.hidden, step);
      const licence = licenceOf(view.visible.get(owner));
      const file: FileInView = { package: record(owner), path: step, hidden, licence };
      found.push(onTheWay.includes(step) ? { ...file, onTheWay: true } : file);
      // The kernel's walk ends at a link that the view hides.
      if (hidden) break;
    }
    return found;
  };
  return (path, walk) => {
    const found = findOn(walk);
    if (found.length > 0 || !COMPILED.test(path)) return found;
    return findOn(walkTo(root, path.replace(COMPILED, '/$1.py')));
  };
}

function isOfRoot({ layout }: RootState, path: string): boolean {
  return (
    locateInBase(layout, path) !== undefined || layout.links.some((link) => path.startsWith(`${link.path}/`))
  );
}

/** The owner of a path with the strongest licence: a build may use a path if it may use one of the owners. */
function mostLicensed(
  owners: readonly Owner[],
  visible: ReadonlyMap<InstalledPackage, VisiblePackage>,
): InstalledPackage | undefined {
  const rank = (owner: Owner) => LICENCES.indexOf(licenceOf(visible.get(owner.package)));
  return owners.reduce((best: Owner | undefined, owner) => {
    return best === undefined || rank(owner) > rank(best) ? owner : best;
  }, undefined)?.package;
}

/** The licences, weakest first. */
const LICENCES: readonly Licence[] = ['hidden', 'package-manager-only', 'closure', 'system', 'declared'];

export function licenceOf(visible: VisiblePackage | undefined): Licence {
  switch (visible?.reason) {
    case 'declared':
    case 'revealed':
      return 'declared';
    case 'system':
      return 'system';
    case 'depend-closure':
    case 'revealed-closure':
    case 'bdepend-closure':
    case 'system-closure':
      return 'closure';
    case 'package-manager':
      return 'package-manager-only';
    default:
      return 'hidden';
  }
}

/** The path with links resolved, if packages install in its folder and neither the file nor a link that the path names has an owner. */
function findUnowned(root: RootState, named: string, { end, links, onTheWay }: Walk): string | undefined {
  if (!PACKAGES_PLACE.test(named) || !PACKAGES_PLACE.test(end)) return undefined;
  const ownLinks = links.slice(onTheWay.length);
  const isOwned = [...ownLinks, end].some((step) => root.index.ownersOf(step).length > 0);
  return isOwned ? undefined : end;
}

/** Answers whether one package's programs need another package in order to run. */
export function createNeedsToRun(root: RootState): TraceContext['needsToRun'] {
  const closures = new Map<string, Set<string>>();
  return (program, needed) => {
    const id = packageId(program);
    let closure = closures.get(id);
    if (closure === undefined) {
      closure = new Set([...closeOverRuntime(findInstalled(root, program), root.lookup)].map(packageId));
      closures.set(id, closure);
    }
    return closure.has(packageId(needed));
  };
}

function findInstalled({ lookup }: RootState, recorded: RecordedPackage): readonly InstalledPackage[] {
  const id = packageId(recorded);
  const sameName = lookup.get(`${recorded.category}/${recorded.name}`) ?? [];
  return sameName.filter((installed) => packageId(installed) === id);
}

function createHasHeaders(root: RootState): TraceContext['hasHeaders'] {
  const known = new Map<string, boolean>();
  return (recorded) => {
    const id = packageId(recorded);
    let answer = known.get(id);
    if (answer === undefined) {
      answer = findInstalled(root, recorded).some((installed) => {
        for (const { path } of root.index.filesOf(installed))
          if (classifyPath(path) === 'header') return true;
        return false;
      });
      known.set(id, answer);
    }
    return answer;
  };
}

/** Answers which hidden files a process may have looked for that listed a folder. */
export function createHiddenIn(root: RootState, view: BuildView): TraceContext['hiddenIn'] {
  return (named) => {
    if (!isOfRoot(root, named)) return NO_FILES;
    const { path } = root.resolver.resolve(named);
    const isForLibraries = isLibraryFolder(path);
    if (!isForLibraries && !isLookedThrough(path)) return NO_FILES;
    const files = [...(view.hidden.files.get(path) ?? [])].flatMap((name) => {
      const file = `${path}/${name}`;
      if (isForLibraries && classifyPath(file) !== 'library') return [];
      const owners = root.index.ownersOf(file).map((owner) => owner.package);
      return describeHidden(view, file, owners);
    });
    if (isForLibraries) return files;
    const folders = (view.hiddenFoldersIn.get(path) ?? []).flatMap((name) =>
      describeFolder(root, view, `${path}/${name}`),
    );
    return [...files, ...folders];
  };
}

function describeFolder(root: RootState, view: BuildView, folder: string): FileInView[] {
  return describeHidden(view, folder, root.index.packagesInFolder(folder));
}

/** A hidden folder that more packages share is poor evidence for each of them. */
const MOST_SHARERS = 4;

function describeHidden(view: BuildView, path: string, owners: readonly InstalledPackage[]): FileInView[] {
  return owners
    .filter((owner) => (view.visible.get(owner)?.visibility ?? 'hidden') !== 'full')
    .slice(0, MOST_SHARERS)
    .map((owner) => ({ package: toRecorded(owner), path, hidden: true, licence: 'hidden' }));
}
