import { ownersOf, type RootState } from '../../host/root-state.ts';
import { type HiddenPaths, joinHidden, listHiddenPaths } from '../../installed/hidden-paths.ts';
import type { InstalledPackage } from '../../installed/vdb.ts';
import {
  computeVisibleSet,
  type DeclaredForBuild,
  expandVirtuals,
  findInstalled,
  type RevealedPackage,
  type VisiblePackage,
} from '../../installed/visible-set.ts';
import type { PackageManager } from '../../package-manager/port.ts';
import { type AtomNode, collectAtoms, type DependencyNode } from '../../pms/dependency.ts';
import { packageId } from '../../pms/package-id.ts';

/** The part of the root that a build sees. */
export interface BuildView {
  readonly visible: ReadonlyMap<InstalledPackage, VisiblePackage>;
  /** By the packages' ids, see `packageId`. */
  readonly byId: ReadonlyMap<string, VisiblePackage>;
  /** Includes the VDB records of hidden packages, so that they are not installed for `has_version`. */
  readonly hidden: HiddenPaths;
  /** The names of hidden folders, by the path of their parent folder. */
  readonly hiddenFoldersIn: ReadonlyMap<string, readonly string[]>;
}

/** The packages that a view shows. */
export interface BuildViewInput {
  /** Its programs are visible, with the packages that they need in order to run. */
  readonly packageManager: Pick<PackageManager, 'files'>;
  readonly declared: DeclaredForBuild;
  /** Atoms of @system. */
  readonly system: readonly string[];
  readonly revealed?: readonly RevealedPackage[];
  /** See `VisibleSetInput`. */
  readonly itself: string;
  /**
   * Texts of declared atoms that the view ignores. Their packages are hidden, unless @system or the package manager needs them. If another
   * declared package needs one in order to run, it is visible for running only, because the other package is then the reason for it.
   */
  readonly withheld?: readonly string[];
}

/** A view that shows packages whose files are not on this machine; see `RootState.absent`. */
export class AbsentPackages extends Error {
  override readonly name = 'AbsentPackages';
  readonly ids: readonly string[];

  constructor(ids: readonly string[]) {
    super(`The files of ${ids.join(', ')} are not here`);
    this.ids = ids;
  }
}

/**
 * Draws the view of the declared and the revealed packages.
 *
 * @throws AbsentPackages
 */
export function drawBuildView(root: RootState, input: BuildViewInput): BuildView {
  const { packageManager, declared, system, revealed = [], itself, withheld = [] } = input;
  const [ignoredDepend, depend] = separateAtoms(declared.depend, withheld);
  const [ignoredBdepend, bdepend] = separateAtoms(declared.bdepend, withheld);
  const visible = computeVisibleSet({
    packages: root.packages,
    declared: { depend, bdepend },
    system,
    packageManager: ownersOf(root, packageManager.files.programs),
    revealed,
    itself,
  });
  for (const installed of packagesOf([...ignoredDepend, ...ignoredBdepend], root)) {
    const shown = visible.get(installed);
    if (shown?.reason === 'depend-closure') visible.set(installed, { ...shown, visibility: 'runtime' });
  }
  const absent = [...visible].filter(
    ([installed, { visibility }]) => visibility !== 'hidden' && root.absent?.has(packageId(installed)),
  );
  if (absent.length > 0) throw new AbsentPackages(absent.map(([installed]) => packageId(installed)));
  const undeclared = listHiddenPaths(root.index, visible, root.listFolder);
  const hidden = hideRecords(joinHidden(undeclared, root.stack?.replaced), visible);
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

/** Separates the atoms with one of some texts from the others. @param nodes without conditionals */
function separateAtoms(
  nodes: readonly DependencyNode[],
  texts: readonly string[],
): readonly [ignored: AtomNode[], kept: AtomNode[]] {
  const atoms = collectAtoms(nodes);
  const isIgnored = ({ text }: AtomNode) => texts.includes(text);
  return [atoms.filter(isIgnored), atoms.filter((node) => !isIgnored(node))];
}

/** The installed packages that some atoms name, directly or through a virtual. */
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
  for (const [{ category, name, version }, { visibility }] of visible) {
    if (visibility === 'hidden') folders.add(`/var/db/pkg/${category}/${name}-${version}`);
  }
  return { files: hidden.files, folders };
}
