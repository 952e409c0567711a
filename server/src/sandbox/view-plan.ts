import { encodePath } from './path-bytes.ts';
import type { Bind, OverlayFolder, SandboxSpec } from './sandbox.ts';

/** Who the sandbox is built by: `root` drops to an unprivileged user, an ordinary user makes a user namespace. */
export type Identity =
  | { readonly kind: 'user' }
  | { readonly kind: 'root'; readonly uid: number; readonly gid: number };

/** A folder or file that the sandbox shows, and where it comes from on this machine. */
export interface Shown {
  readonly source: string;
  readonly target: string;
  readonly writable: boolean;
}

/** What the helper has to mount, and where the results are for bubblewrap. Pure data. */
export interface ViewPlan {
  /** The records of docs/trace-format.md, section "The plan", without the end record. */
  readonly records: readonly string[];
  readonly overlays: readonly Shown[];
  readonly scratch: readonly Shown[];
  readonly binds: readonly Shown[];
}

/** Folders that every sandbox has, empty and writable. */
const ALWAYS_SCRATCH: readonly { path: string; mode: string }[] = [
  { path: '/tmp', mode: '1777' },
  // POSIX shared memory and semaphores; bubblewrap's own folder is not everyone's to write.
  { path: '/dev/shm', mode: '1777' },
];

function isBelow(path: string, folder: string): boolean {
  return path.startsWith(folder.endsWith('/') ? folder : `${folder}/`);
}

/** Sorts the hidden paths and leaves out what lies in a folder that is hidden anyway. */
export function pruneHidden(hidden: readonly string[]): readonly string[] {
  const set = new Set(hidden);
  const kept: string[] = [];
  for (const path of set) {
    let covered = false;
    for (let slash = path.indexOf('/'); slash !== -1 && !covered; slash = path.indexOf('/', slash + 1)) {
      covered = set.has(path.slice(0, slash));
    }
    if (!covered) kept.push(path);
  }
  return kept.sort();
}

/** A target inside the sandbox and what will be mounted there (`''`: an empty folder). */
interface Mounted {
  readonly target: string;
  readonly source: string;
}

/**
 * The mount points that must exist inside an overlay: the targets below it that no other mount between covers.
 * Without them bubblewrap would have to make them in a read-only folder.
 */
function mountPoints(folder: OverlayFolder, later: readonly Mounted[]): readonly Mounted[] {
  return later.filter(
    (one, index) =>
      isBelow(one.target, folder.target) &&
      !later.some(
        (other, at) =>
          at < index && isBelow(other.target, folder.target) && isBelow(one.target, other.target),
      ),
  );
}

/**
 * Says what the helper must mount for `spec`. A folder in which nothing is hidden and nothing is mounted is bound as it is.
 *
 * @param spec the sandbox; its paths must be absolute
 * @param identity decides whether writable binds change hands
 */
export function planView(spec: SandboxSpec, identity: Identity): ViewPlan {
  const records: string[] = [];
  const scratchFolders = [...ALWAYS_SCRATCH, ...spec.scratch.map((path) => ({ path, mode: '0755' }))];
  const after: Mounted[] = [
    ...scratchFolders.map(({ path }) => ({ target: path, source: '' })),
    ...spec.binds.map(({ target, source }) => ({ target, source })),
  ];

  let mounts = 0;
  const overlays = spec.overlays.map((folder, index): Shown => {
    const laterFolders = spec.overlays.slice(index + 1).map(({ target, source }) => ({ target, source }));
    const points = mountPoints(folder, [...laterFolders, ...after]);
    const hidden = pruneHidden(folder.hidden);
    if (hidden.length === 0 && points.length === 0) {
      return { source: folder.source, target: folder.target, writable: false };
    }
    records.push(`o${folder.source}`);
    for (const path of hidden) records.push(`h${path}`);
    for (const { target, source } of points) {
      records.push(`m${target.slice(folder.target.length).replace(/^\/+/, '')}`, `s${source}`);
    }
    records.push('x');
    return { source: `${spec.staging}/mnt/${mounts++}`, target: folder.target, writable: false };
  });

  const scratch = scratchFolders.map(({ path, mode }, index): Shown => {
    records.push(`t${mode}`);
    return { source: `${spec.staging}/scratch/${index}`, target: path, writable: true };
  });

  let given = 0;
  const binds = spec.binds.map((bind: Bind): Shown => {
    if (!bind.writable || identity.kind === 'user') return bind;
    records.push(`b${bind.source}`);
    return { source: `${spec.staging}/bind/${given++}`, target: bind.target, writable: true };
  });
  return { records, overlays, scratch, binds };
}

/** The plan as the helper reads it: NUL-terminated records and the end record. */
export function encodePlan(plan: ViewPlan): Uint8Array {
  const parts: Uint8Array[] = [];
  for (const record of plan.records) parts.push(encodePath(record), Uint8Array.of(0));
  parts.push(Buffer.from('e\0'));
  return Buffer.concat(parts);
}
