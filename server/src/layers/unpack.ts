import { chmodSync, lstatSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../errors/user-error.ts';
import { runInRoot } from '../evaluation/root-run.ts';
import { encodePath } from '../files/path-bytes.ts';
import { removeTree } from '../files/remove-tree.ts';
import { digestOf } from '../host/digest.ts';
import type { RootState } from '../host/root-state.ts';
import type { TrialWorld } from '../host/world.ts';
import { isFolderOnMachine } from '../installed/file-tree.ts';
import { locateOnMachine } from '../installed/root-layout.ts';
import type { PackageReader } from '../package-manager/package-reader.ts';
import type { PackageManagerFiles } from '../package-manager/port.ts';
import type { Layer, LayerStore } from './layer-store.ts';
import { type EntryKind, takeTree } from './taken-tree.ts';

/** A binary package on this machine, and the package that it must be. */
export interface PackageFile {
  /** `category/PF` */
  readonly id: string;
  /** Absolute path of this machine. */
  readonly path: string;
  /** What messages call it: its path, or the address that it was downloaded from. */
  readonly source: string;
  /** Whether a signature is demanded. */
  readonly signed: boolean;
}

export interface UnpackingInput {
  readonly world: Pick<TrialWorld, 'sandbox'>;
  readonly root: RootState;
  readonly tools: PackageReader;
  readonly files: PackageManagerFiles;
  readonly store: LayerStore;
}

/** Where the sandbox shows the package and the folder that it is opened into. */
const PACKAGE_PLACE = '/var/ebuild-audit-package';
const INTO_PLACE = '/var/ebuild-audit-layer';

/** Limits for what a package may hold, in bytes; tar can describe a file of any size in a few bytes. */
const LARGEST_PACKAGE = 16 * 2 ** 30;
const LARGEST_RECORD = 64 * 2 ** 20;

const RECORDS = '/var/db/pkg';

/** Opening a package takes seconds, and checking its signature too. In milliseconds. */
const UNPACKING_TIME = 10 * 60 * 1000;

/**
 * Opens a binary package in the sandbox, and keeps it as a layer.
 *
 * @param digest names the layer in the store
 * @throws UserError with one sentence if the package is refused; nothing of it is kept then
 */
export async function unpackLayer(
  { world, root, tools, files, store }: UnpackingInput,
  file: PackageFile,
  digest: string,
): Promise<Layer> {
  const work = store.makeWork('unpack');
  try {
    chmodSync(work, 0o755);
    const [staging, into, made] = ['staging', 'into', 'made'].map((name) => {
      mkdirSync(join(work, name), { mode: 0o755 });
      return join(work, name);
    }) as [string, string, string];
    const name = file.path.slice(file.path.lastIndexOf('/') + 1);
    const shown = `${PACKAGE_PLACE}/${name}`;
    const { status, output } = await runInRoot(world.sandbox, {
      root,
      files,
      staging,
      binds: [
        { source: file.path, target: shown, writable: false },
        { source: into, target: INTO_PLACE, writable: true },
      ],
      command: tools.unpack({ package: shown, into: `${INTO_PLACE}/opened`, signed: file.signed }),
      time: UNPACKING_TIME,
    });
    const refusal = status === 0 ? tools.readUnpacked(output) : describeEnd(status, output);
    if (refusal !== undefined) throw new UserError(refusal);
    return await takeLayer(file, join(into, 'opened'), made, { root, store, digest });
  } catch (error) {
    if (!(error instanceof UserError) || error.name !== 'UserError') throw error;
    throw new UserError(
      `The binary package ${file.source} of ${file.id} is not used: ${error.message.replace(/\.$/, '')}; build it again with "emerge --buildpkg --oneshot '=${file.id}'", or name another package folder or binhost.`,
      { cause: error },
    );
  } finally {
    await removeTree(work);
  }
}

function describeEnd(status: number, output: string): string {
  const last = output.trim().split('\n').at(-1) ?? '';
  return `opening it ended with status ${status}${last === '' ? '' : ` (${shorten(last)})`}`;
}

const shorten = (text: string): string => (text.length > 200 ? `${text.slice(0, 200)}…` : text);

/** Takes an opened package into the store. */
async function takeLayer(
  file: PackageFile,
  opened: string,
  made: string,
  { root, store, digest }: { readonly root: RootState; readonly store: LayerStore; readonly digest: string },
): Promise<Layer> {
  // All three are folders of the script, but what is opened is not trusted.
  for (const folder of [opened, join(opened, 'record'), join(opened, 'image')])
    if (lstatSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true)
      throw new UserError('it replaces the folder that it is opened into');
  const record = readRecord(join(opened, 'record'));
  const id = `${textOf(record, 'CATEGORY')}/${textOf(record, 'PF')}`;
  if (id !== file.id) throw new UserError(`it holds ${shorten(id)}`);
  const {
    contents,
    leftOut,
    digest: files,
  } = await takeTree({
    from: join(opened, 'image'),
    to: made,
    content: store.content,
    limit: LARGEST_PACKAGE,
    place: (path, kind) => placeInRoot(root, path, kind),
  });
  const vdb = join(made, 'var/db/pkg', id);
  mkdirSync(vdb, { recursive: true });
  for (const [name, bytes] of record) writeFileSync(join(vdb, name), bytes);
  writeFileSync(join(vdb, 'CONTENTS'), encodePath(contents.map((line) => `${line}\n`).join('')));
  if (!record.has('COUNTER')) writeFileSync(join(vdb, 'COUNTER'), '0\n');
  const records = [...record].map(([name, bytes]) => [name, digestOf(bytes.toString('latin1'))]);
  return store.keep(digest, { id, leftOut, tree: digestOf([files, records]) }, made);
}

/**
 * Where a package's path is in the root: behind the root's links, such as /bin → usr/bin, as if it were merged. A folder of the root stays one
 * although the package has a link there.
 *
 * What a view mounts, and what is written to on this machine, can only be reached through folders: a link in their place would be followed
 * to wherever on this machine it leads. Records of packages come from elsewhere, and repositories are the root's own.
 */
function placeInRoot(
  { layout, resolver, repositories }: RootState,
  path: string,
  kind: EntryKind,
): string | undefined {
  const target = kind === 'folder' ? resolver.resolve(path).path : resolver.resolveParents(path);
  const own = [RECORDS, ...repositories];
  if (target === '/' || own.some((folder) => isWithin(path, folder) || isWithin(target, folder)))
    return undefined;
  if (kind === 'folder') return target;
  const isAbove = [...own, ...layout.folders.map((top) => top.target)].some((folder) =>
    isWithin(folder, target),
  );
  if (isAbove || target.lastIndexOf('/') === 0) return undefined;
  // Of /var, views mount single folders.
  if (kind === 'link') {
    const place = locateOnMachine(layout, target);
    if (isWithin(target, '/var') || (place !== undefined && isFolderOnMachine(place))) return undefined;
  }
  return target;
}

const isWithin = (path: string, folder: string): boolean => path === folder || path.startsWith(`${folder}/`);

/** Reads the files of a package's metadata. */
function readRecord(folder: string): ReadonlyMap<string, Buffer> {
  const record = new Map<string, Buffer>();
  let bytes = 0;
  for (const name of readdirSync(folder).sort()) {
    const path = join(folder, name);
    const stats = lstatSync(path);
    if (!stats.isFile() || !/^[A-Za-z0-9_][A-Za-z0-9_.+-]*$/.test(name)) continue;
    bytes += stats.size;
    if (bytes > LARGEST_RECORD) throw new UserError('its metadata is too large');
    record.set(name, readFileSync(path));
  }
  return record;
}

function textOf(record: ReadonlyMap<string, Buffer>, name: string): string {
  return record.get(name)?.toString('utf8').trim() ?? '';
}
