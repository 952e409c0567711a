import { createHash } from 'node:crypto';
import { lstatSync } from 'node:fs';
import { createFactsOf } from '../../../host/package-facts.ts';
import type { RootState } from '../../../host/root-state.ts';
import { isHidden } from '../../../installed/hidden-paths.ts';
import { locateOnMachine } from '../../../installed/root-layout.ts';
import type { InstalledPackage } from '../../../installed/vdb.ts';
import { packageId } from '../../../pms/package-id.ts';
import type { BuildView } from '../build-view.ts';
import { createHiddenIn } from '../root-knowledge.ts';
import type { Footprint } from './footprint.ts';

/** Makes a digest of the part of a view that a step touched. */
export type Fingerprint = (footprint: Footprint) => string;

const VDB = '/var/db/pkg';

/**
 * Makes the {@link Fingerprint} of one view of one root. Two views may be of the same root at different times. Packages that a step did not
 * touch do not count, merged or not, except for what they add to a folder that the step listed.
 */
export function createFingerprint(root: RootState, view: BuildView): Fingerprint {
  const factsOf = createFactsOf(root);
  const byId = new Map(root.packages.map((installed) => [packageId(installed), installed]));
  const nameOf = (installed: InstalledPackage) => `${packageId(installed)} ${factsOf(installed)}`;
  const describeListed = createDescribeListed(root, view, byId, nameOf);
  return (footprint) => {
    const hash = createHash('sha256');
    for (const id of footprint.packages) {
      const shown = view.byId.get(id);
      const installed = byId.get(id);
      const how = shown === undefined ? 'gone' : shown.visibility === 'hidden' ? 'hidden' : 'visible';
      hash.update(`${id} ${how} ${installed === undefined ? '' : factsOf(installed)}\n`);
    }
    for (const id of footprint.builtAgainst) hash.update(`${id} ${view.byId.get(id)?.visibility}\n`);
    // Folders in which nothing is hidden do not count: their names may be chance, as those of temporary ones.
    for (const folder of footprint.folders) {
      if (!isHidden(view.hidden, folder)) continue;
      // The step is said to have asked for these.
      const sharers = root.index.packagesInFolder(folder).filter((sharer) => !isFull(view, sharer));
      hash.update(`${folder} hidden ${sharers.map(nameOf).join(' ')}\n`);
    }
    for (const folder of footprint.listed) hash.update(describeListed(folder));
    for (const path of footprint.managerState) hash.update(describeState(root, path));
    return hash.digest('hex');
  };
}

const visibilityOf = (view: BuildView, installed: InstalledPackage) =>
  view.visible.get(installed)?.visibility ?? 'hidden';
const isFull = (view: BuildView, installed: InstalledPackage) => visibilityOf(view, installed) === 'full';
const isShown = (view: BuildView, installed: InstalledPackage) => visibilityOf(view, installed) !== 'hidden';

/** Describes a path in what the package manager keeps; of a folder, its names. */
function describeState(root: RootState, path: string): string {
  const place = locateOnMachine(root.layout, path);
  const stats = place === undefined ? undefined : statOf(place);
  const state =
    stats?.isDirectory() === true
      ? root.listFolder(path).toSorted().join('/')
      : `${stats?.ino} ${stats?.size} ${stats?.mtimeMs}`;
  return `${path} ${state}\n`;
}

function statOf(path: string) {
  try {
    return lstatSync(path, { throwIfNoEntry: false });
  } catch {
    // It is not reachable, for a build neither.
    return undefined;
  }
}

/** Describes what a step saw of a listed folder, and what it may have missed. Answers are kept, because the steps of a build list the same. */
function createDescribeListed(
  root: RootState,
  view: BuildView,
  byId: ReadonlyMap<string, InstalledPackage>,
  nameOf: (installed: InstalledPackage) => string,
): (folder: string) => string {
  const hiddenIn = createHiddenIn(root, view);
  const answers = new Map<string, string>();

  const describeRecords = (folder: string): readonly string[] => {
    // A category stays in the list if all its packages are hidden.
    if (folder === VDB) return [...new Set(root.packages.map(({ category }) => category))].sort();
    const category = folder.slice(VDB.length + 1);
    const ofCategory = root.packages.filter((installed) => installed.category === category);
    return ofCategory
      .filter((installed) => isShown(view, installed))
      .map(nameOf)
      .sort();
  };
  /** Unowned names are not here: what is in the named paths of a step has them. */
  const describeNames = (folder: string): string[] => {
    const lines: string[] = [];
    for (const name of root.listFolder(folder)) {
      const path = folder === '/' ? `/${name}` : `${folder}/${name}`;
      if (isHidden(view.hidden, path)) continue;
      const owners = root.index.ownersOf(path).map((owner) => owner.package);
      if (owners.length > 0) {
        const shown = owners.filter((owner) => isShown(view, owner)).map(packageId);
        lines.push(`${name} ${shown.join(' ')}`);
      } else if (root.index.packagesInFolder(path).length > 0) lines.push(`${name}/`);
    }
    return lines.sort();
  };
  const describeMissed = (folder: string): string[] =>
    hiddenIn(folder).map(({ path, package: owner }) => {
      const id = packageId(owner);
      const installed = byId.get(id);
      return `${path} hidden ${installed === undefined ? id : nameOf(installed)}`;
    });

  const describe = (folder: string): string => {
    const isOfVdb = folder === VDB || folder.startsWith(`${VDB}/`);
    const lines = isOfVdb
      ? describeRecords(folder)
      : [...describeNames(folder), ...describeMissed(folder).sort()];
    // The name of a folder without names of packages may be chance, as that of a temporary one.
    return lines.length === 0 ? '' : `${folder}/\n${lines.join('\n')}\n`;
  };
  return (folder) => {
    const answer = answers.get(folder) ?? describe(folder);
    answers.set(folder, answer);
    return answer;
  };
}
