import { encodePath } from '../files/path-bytes.ts';
import type { Bind, OverlayFolder, SandboxSpec } from './sandbox.ts';

/** The user who builds the sandbox: `root` drops to an unprivileged user, an ordinary user makes a user namespace. */
export type Identity =
  | { readonly kind: 'user' }
  | { readonly kind: 'root'; readonly uid: number; readonly gid: number };

/** A folder or file in the sandbox, and its source on this machine. */
export interface Shown {
  readonly source: string;
  readonly target: string;
  readonly writable: boolean;
}

/** The mounts that the helper makes, and the places where bubblewrap finds them. Pure data. */
export interface ViewPlan {
  /**
   * The records of docs/trace-format.md, section "The plan", without the end record. One string holds many hidden paths with NUL between
   * them, because there may be a million.
   */
  readonly records: readonly string[];
  readonly overlays: readonly Shown[];
  readonly scratch: readonly Shown[];
  readonly binds: readonly Shown[];
  readonly layered: readonly Shown[];
}

/** Folders that every sandbox has, empty and writable. */
const ALWAYS_SCRATCH: readonly { path: string; mode: string }[] = [
  { path: '/tmp', mode: '1777' },
  // POSIX shared memory and semaphores. Only the owner may write to the folder that bubblewrap makes.
  { path: '/dev/shm', mode: '1777' },
];

/** The number of paths that are encoded at once. The helper reads the paths before them in the meantime. */
const HIDDEN_AT_ONCE = 8192;

function isBelow(path: string, folder: string): boolean {
  return path.startsWith(folder.endsWith('/') ? folder : `${folder}/`);
}

/** A target in the sandbox and the source that will be mounted there (`''`: an empty folder). */
interface Mounted {
  readonly target: string;
  readonly source: string;
}

/**
 * The mount points that must exist inside an overlay: the targets below it that no mount in between covers. Without them, bubblewrap would
 * have to make them in a read-only folder.
 */
function mountPoints(folder: OverlayFolder, later: readonly Mounted[]): readonly Mounted[] {
  return later.filter(
    (mount, index) =>
      isBelow(mount.target, folder.target) &&
      !later.some(
        (between, at) =>
          at < index && isBelow(between.target, folder.target) && isBelow(mount.target, between.target),
      ),
  );
}

/**
 * Lists the mounts that the helper must make for `spec`. A folder in which nothing is hidden or mounted is bound unchanged.
 *
 * @param spec the sandbox; its paths must be absolute
 * @param identity decides whether the helper must make writable binds writable for an unprivileged user
 */
export function planView(spec: SandboxSpec, identity: Identity): ViewPlan {
  const records: string[] = [];
  const scratchFolders = [...ALWAYS_SCRATCH, ...spec.scratch.map((path) => ({ path, mode: '0755' }))];
  const layeredFolders = spec.layered ?? [];
  const after: Mounted[] = [
    ...scratchFolders.map(({ path }) => ({ target: path, source: '' })),
    ...spec.binds.map(({ target, source }) => ({ target, source })),
    ...layeredFolders.map(({ target }) => ({ target, source: '' })),
  ];

  let mounts = 0;
  const overlays = spec.overlays.map((folder, index): Shown => {
    const laterFolders = spec.overlays.slice(index + 1).map(({ target, source }) => ({ target, source }));
    const points = mountPoints(folder, [...laterFolders, ...after]);
    const links = folder.links ?? [];
    const isAsItIs = folder.hidden.length === 0 && points.length === 0 && links.length === 0;
    const over = folder.over ?? [];
    if (isAsItIs && over.length === 0) {
      return { source: folder.source, target: folder.target, writable: false };
    }
    records.push(`o${folder.source}`);
    for (const above of over) records.push(`a${above}`);
    for (let at = 0; at < folder.hidden.length; at += HIDDEN_AT_ONCE) {
      records.push(`h${folder.hidden.slice(at, at + HIDDEN_AT_ONCE).join('\0h')}`);
    }
    const inside = (path: string) => path.slice(folder.target.length).replace(/^\/+/, '');
    for (const { target, source } of points) records.push(`m${inside(target)}`, `s${source}`);
    for (const { path, target } of links) records.push(`y${inside(path)}`, `s${target}`);
    records.push('x');
    return { source: `${spec.staging}/mnt/${mounts++}`, target: folder.target, writable: false };
  });

  const scratch = scratchFolders.map(({ path, mode }, index): Shown => {
    records.push(`t${mode}`);
    return { source: `${spec.staging}/scratch/${index}`, target: path, writable: true };
  });

  let given = 0;
  const bind = ({ source, target, writable }: Bind): Shown => {
    if (!writable || identity.kind === 'user') return { source, target, writable };
    records.push(`b${source}`);
    return { source: `${spec.staging}/bind/${given++}`, target, writable };
  };
  const binds = spec.binds.map(bind);

  let stacks = 0;
  const layered = layeredFolders.map(({ target, lower, upper, kernelWork, borrowed }): Shown => {
    if (lower.length === 0) return bind({ source: upper, target, writable: true });
    records.push(
      `${borrowed === true ? 'w' : 'l'}${upper}`,
      `k${kernelWork}`,
      ...lower.map((layer) => `d${layer}`),
      'x',
    );
    return { source: `${spec.staging}/layered/${stacks++}`, target, writable: true };
  });
  return { records, overlays, scratch, binds, layered };
}

/** Encodes the plan for the helper, in parts: NUL-terminated records and the end record. */
export function* encodePlan(plan: ViewPlan): Generator<Uint8Array> {
  for (const record of plan.records) yield encodePath(`${record}\0`);
  yield encodePath('e\0');
}
