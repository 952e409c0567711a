import { ownersOf, type RootState } from '../../host/root-state.ts';
import { type HiddenPaths, listHiddenPaths } from '../../installed/hidden-paths.ts';
import type { InstalledPackage } from '../../installed/vdb.ts';
import {
  computeVisibleSet,
  expandVirtuals,
  findInstalled,
  type VisiblePackage,
} from '../../installed/visible-set.ts';
import type { PackageManager } from '../../package-manager/port.ts';
import { type AtomNode, collectAtoms, type DependencyNode } from '../../pms/dependency.ts';
import { packageId } from '../../pms/package-id.ts';

/** What a build sees of the root. */
export interface BuildView {
  readonly visible: ReadonlyMap<InstalledPackage, VisiblePackage>;
  /** Under the packages' ids, see `packageId`. */
  readonly byId: ReadonlyMap<string, VisiblePackage>;
  /** Also the records of hidden packages: they are not installed as far as `has_version` can tell. */
  readonly hidden: HiddenPaths;
  /** The names of hidden folders by the folder they lie in. */
  readonly hiddenFoldersIn: ReadonlyMap<string, readonly string[]>;
}

/**
 * Draws the view of what an ebuild declares and of what is revealed on top.
 *
 * @param withheld texts of declared atoms to draw it without. Their packages are hidden, unless @system or the package manager shows
 *   them anyway. Where another declared package needs one in order to run, it is shown for running only: that it can be built
 *   against there is another package's doing.
 */
export function drawBuildView(
  root: RootState,
  packageManager: PackageManager,
  declared: readonly DependencyNode[],
  system: readonly string[],
  revealed: readonly InstalledPackage[],
  withheld: readonly string[] = [],
): BuildView {
  const [left, kept] = separateAtoms(declared, withheld);
  const visible = computeVisibleSet({
    packages: root.packages,
    declared: kept,
    system,
    packageManager: ownersOf(root, packageManager.files.programs),
    revealed,
  });
  for (const one of packagesOf(left, root)) {
    const shown = visible.get(one);
    if (shown?.reason === 'declared-closure') visible.set(one, { ...shown, visibility: 'runtime' });
  }
  const hidden = hideRecords(listHiddenPaths(root.index, visible, root.listFolder), visible);
  const hiddenFoldersIn = new Map<string, string[]>();
  for (const path of hidden.folders) {
    const slash = path.lastIndexOf('/');
    const names = hiddenFoldersIn.get(path.slice(0, slash));
    if (names === undefined) hiddenFoldersIn.set(path.slice(0, slash), [path.slice(slash + 1)]);
    else names.push(path.slice(slash + 1));
  }
  const byId = new Map([...visible].map(([installed, how]) => [packageId(installed), how]));
  return { visible, byId, hidden, hiddenFoldersIn };
}

/** The atoms of a specification without conditionals: those that are written so, and the others. */
function separateAtoms(
  nodes: readonly DependencyNode[],
  texts: readonly string[],
): readonly [left: AtomNode[], kept: AtomNode[]] {
  const atoms = collectAtoms(nodes);
  const isLeft = ({ text }: AtomNode) => texts.includes(text);
  return [atoms.filter(isLeft), atoms.filter((one) => !isLeft(one))];
}

/** The installed packages that some atoms name, with those that stand behind a virtual. */
export function packagesOf(
  atoms: readonly AtomNode[],
  { lookup }: Pick<RootState, 'lookup'>,
): Set<InstalledPackage> {
  const named = atoms.map(({ atom }) => atom);
  return expandVirtuals(findInstalled(named, lookup), lookup);
}

function hideRecords(
  hidden: HiddenPaths,
  visible: ReadonlyMap<InstalledPackage, VisiblePackage>,
): HiddenPaths {
  const folders = new Set(hidden.folders);
  for (const [one, { visibility }] of visible) {
    if (visibility === 'hidden') folders.add(`/var/db/pkg/${packageId(one)}`);
  }
  return { files: hidden.files, folders };
}
