import type { RootState } from '../../../host/root-state.ts';
import { isDevelopmentFile } from '../../../installed/visible-set.ts';
import { packageId } from '../../../pms/package-id.ts';
import type { TraceEvent } from '../../../trace/event.ts';
import { listEventPaths } from '../../../trace/event-paths.ts';
import type { FileInView } from '../../../trace/trace-context.ts';
import type { RootKnowledge } from '../root-knowledge.ts';

/** Everything that a step touched. The step would have the same result in every view with the same fingerprint of it (`createFingerprint`). */
export interface Footprint {
  /** Ids of the packages that own a named file, hidden or not. */
  readonly packages: readonly string[];
  /** The packages among them of which the step named a development file (`isDevelopmentFile`). */
  readonly builtAgainst: readonly string[];
  /** Folders of the root that were named, if packages list them, or that were listed. */
  readonly folders: readonly string[];
  /** The folders among them that were listed: hidden files were missing from their lists. The categories of the VDB that were named count. */
  readonly listed: readonly string[];
  /** Paths below {@link MANAGER_STATE} that a phase named: every merge may change them. */
  readonly managerState: readonly string[];
}

/** What a package manager keeps beside the records of packages, such as the world file; a view shows it. */
const MANAGER_STATE = '/var/lib/portage';

/** A reader of the trace that collects the footprint of a step; memory is bounded by the number of files that packages own. */
export interface FootprintReader {
  /**
   * @param begun whether a phase has begun. Before the first, the package manager names folders for its own sake, so folders do not count.
   *   Files count, because the package manager keeps using those that it has loaded, and so do the records of packages: REPLACING_VERSIONS
   *   (PMS 11.1.2) is made of them.
   */
  observe(event: TraceEvent, begun: boolean): void;
  result(): Footprint;
}

export function createFootprintReader(
  { index }: Pick<RootState, 'index'>,
  { describePath }: Pick<RootKnowledge, 'describePath'>,
): FootprintReader {
  const files = new Set<string>();
  const packages = new Set<string>();
  const builtAgainst = new Set<string>();
  /** Whether each folder was listed. */
  const folders = new Map<string, boolean>();
  const managerState = new Set<string>();

  const addFile = ({ path }: FileInView) => {
    if (files.has(path)) return;
    files.add(path);
    // All owners are added, because the owner that counts depends on the view.
    for (const owner of index.ownersOf(path)) {
      packages.add(packageId(owner.package));
      if (isDevelopmentFile(path, owner.type === 'sym')) builtAgainst.add(packageId(owner.package));
    }
  };
  const add = (path: string, isListed: boolean, begun: boolean) => {
    const { files: named, folder, isRecorded, isVdbCategory } = describePath(path);
    for (const file of named) addFile(file);
    if (begun && `${path}/`.startsWith(`${MANAGER_STATE}/`)) managerState.add(path);
    if (folder === undefined || folders.get(folder) === true) return;
    if (!begun && !isVdbCategory) return;
    // `has_version` (PMS 12.3.1) lists the category, so naming a path in it counts as listing.
    const lists = isListed || isVdbCategory;
    if (lists || isRecorded) folders.set(folder, lists);
  };
  return {
    observe(event, begun) {
      if (event.kind === 'access') {
        const isListed = event.operation === 'readdir';
        add(event.path, isListed, begun);
        for (const hop of event.hops) add(hop, isListed, begun);
        const hasTwo = event.operation === 'link' || event.operation === 'rename';
        if (hasTwo && event.to !== undefined) add(event.to, false, false);
      } else if (event.kind === 'exec' || event.kind === 'connect')
        for (const path of listEventPaths(event)) for (const file of describePath(path).files) addFile(file);
    },
    result: () => ({
      packages: [...packages].sort(),
      builtAgainst: [...builtAgainst].sort(),
      folders: [...folders.keys()].sort(),
      listed: [...folders].flatMap(([path, isListed]) => (isListed ? [path] : [])).sort(),
      managerState: [...managerState].sort(),
    }),
  };
}
