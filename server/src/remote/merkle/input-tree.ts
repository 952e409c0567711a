import { posix } from 'node:path';
import { encode } from '../../reapi/encoding.ts';
import type { Message } from '../../reapi/messages.ts';
import { type Blob, type Digest, digestBytes } from './digest.ts';

/** A file of an input root. */
export interface InputFile {
  readonly blob: Blob;
  readonly isExecutable: boolean;
  /** In nanoseconds since the epoch; absent: the worker's own. */
  readonly modified?: bigint;
}

/** A tree of files that becomes the input root of an action. Paths are absolute and lead through no link of the tree. */
export interface InputTree {
  addFolder(path: string): void;
  addFile(path: string, file: InputFile): void;
  addLink(path: string, target: string): void;
  /** What is at a path. */
  find(path: string): 'folder' | 'file' | { readonly target: string } | undefined;
  /** Encodes the tree; see {@link MerkleTree}. */
  encode(): MerkleTree;
}

/** A tree by its digests: each folder is a blob that names its entries (`Directory` of the API). */
export interface MerkleTree {
  readonly root: Digest;
  /** The blobs of all folders and files, by their hash. */
  readonly blobs: ReadonlyMap<string, Blob>;
  readonly fileCount: number;
}

interface Folder {
  readonly entries: Map<string, Folder | InputFile | { readonly target: string }>;
}

/** Otherwise a worker may let everybody write into them. */
const FOLDER: Message<'NodeProperties'> = { unixMode: { value: 0o755 } };

const NANOSECONDS = 1_000_000_000n;

export function createInputTree(): InputTree {
  const root: Folder = { entries: new Map() };
  const known = new Map<string, Folder>([['/', root]]);

  const openFolder = (path: string): Folder => {
    const found = known.get(path);
    if (found !== undefined) return found;
    const parent = openFolder(posix.dirname(path));
    const name = posix.basename(path);
    const before = parent.entries.get(name);
    if (before !== undefined && !isFolder(before))
      throw new Error(`${path} of an input root is a folder and a file`);
    const made = before ?? { entries: new Map() };
    parent.entries.set(name, made);
    known.set(path, made);
    return made;
  };
  const put = (path: string, entry: InputFile | { readonly target: string }): void => {
    const { entries } = openFolder(posix.dirname(path));
    const before = entries.get(posix.basename(path));
    if (before !== undefined && isFolder(before))
      throw new Error(`${path} of an input root is a folder and a file`);
    entries.set(posix.basename(path), entry);
  };

  return {
    addFolder: (path) => void openFolder(path),
    addFile: put,
    addLink: (path, target) => put(path, { target }),
    find(path) {
      if (path === '/') return 'folder';
      const entry = known.get(posix.dirname(path))?.entries.get(posix.basename(path));
      if (entry === undefined) return undefined;
      if (isFolder(entry)) return 'folder';
      return isLink(entry) ? entry : 'file';
    },
    encode: () => encodeTree(root),
  };
}

function encodeTree(root: Folder): MerkleTree {
  const blobs = new Map<string, Blob>();
  let fileCount = 0;
  const add = (folder: Folder): Digest => {
    const files: Message<'FileNode'>[] = [];
    const directories: Message<'DirectoryNode'>[] = [];
    const symlinks: Message<'SymlinkNode'>[] = [];
    for (const [name, entry] of sortByName(folder.entries)) {
      if (isFolder(entry)) directories.push({ name, digest: add(entry) });
      else if (isLink(entry)) symlinks.push({ name, target: entry.target });
      else {
        const { blob, isExecutable, modified } = entry;
        fileCount += 1;
        blobs.set(blob.digest.hash, blob);
        files.push({
          name,
          digest: blob.digest,
          isExecutable,
          ...(modified !== undefined && { nodeProperties: { mtime: toTimestamp(modified) } }),
        });
      }
    }
    const content = encode('Directory', { files, directories, symlinks, nodeProperties: FOLDER });
    const digest = digestBytes(content);
    blobs.set(digest.hash, { digest, content });
    return digest;
  };
  return { root: add(root), blobs, fileCount };
}

const SURROGATE = /[\ud800-\udfff]/;

/** The API wants names in the order of their bytes, which is that of strings unless a character has two units (UTF-16). */
function sortByName<Value>(entries: ReadonlyMap<string, Value>): readonly (readonly [string, Value])[] {
  const sorted = [...entries];
  return sorted.some(([name]) => SURROGATE.test(name))
    ? sorted.sort(([left], [right]) => Buffer.compare(Buffer.from(left), Buffer.from(right)))
    : sorted.sort(([left], [right]) => (left < right ? -1 : 1));
}

/** Nanoseconds count forwards before 1970 too (timestamp.proto). */
function toTimestamp(nanoseconds: bigint): Message<'Timestamp'> {
  const nanos = ((nanoseconds % NANOSECONDS) + NANOSECONDS) % NANOSECONDS;
  return { seconds: Number((nanoseconds - nanos) / NANOSECONDS), nanos: Number(nanos) };
}

function isFolder(entry: Folder | InputFile | { readonly target: string }): entry is Folder {
  return 'entries' in entry;
}

function isLink(entry: InputFile | { readonly target: string }): entry is { readonly target: string } {
  return 'target' in entry;
}
