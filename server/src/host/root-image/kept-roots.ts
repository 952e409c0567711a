import {
  type BigIntStats,
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { throwIfExhausted } from '../../files/exhaustion.ts';
import { listFolder } from '../../files/folder-listing.ts';
import { removeTree } from '../../files/remove-tree.ts';
import { replaceFile } from '../../files/replace-file.ts';
import { findOwner, hasLiveOwner, listAbandoned, nameAside, nameForOwner } from '../process-owner.ts';
import type { TreeSize } from './harmless-tree.ts';

/**
 * The unpacked roots of a state folder. Each is in `roots/DIGEST` with its files in `tree`, `manifest`, and in `users` one file for each process that
 * uses it. What a process is still unpacking has another name, which names that process.
 */
const rootsFolder = (home: string): string => join(home, 'roots');

const DIGEST = /^[0-9a-f]{64}$/;

/** What is kept of a root beside its files. */
interface RootManifest extends TreeSize {
  readonly format: 1;
  /** The file that it came from. */
  readonly image: string;
}

/** What tells whether a file is still the same without reading it. */
export interface FileFacts {
  readonly device: string;
  readonly inode: string;
  readonly size: string;
  readonly changed: string;
  readonly modified: string;
}

/** The facts of a regular file; undefined if there is none that can be found. Links are followed. */
export function readFacts(path: string): FileFacts | undefined {
  const stats = findFile(path);
  if (stats?.isFile() !== true) return undefined;
  return {
    device: String(stats.dev),
    inode: String(stats.ino),
    size: String(stats.size),
    changed: String(stats.ctimeNs),
    modified: String(stats.mtimeNs),
  };
}

function findFile(path: string): BigIntStats | undefined {
  try {
    return statSync(path, { bigint: true, throwIfNoEntry: false });
  } catch (error) {
    throwIfExhausted(error);
    return undefined;
  }
}

export const isSameFile = (left: FileFacts, right: FileFacts): boolean =>
  (Object.keys(left) as (keyof FileFacts)[]).every((key) => left[key] === right[key]);

/** The digests of the images that were used, so that an image is read only once. */
type Digests = Readonly<Record<string, FileFacts & { readonly digest: string }>>;

const digestsFile = (home: string): string => join(rootsFolder(home), 'digests');
/** More images than anybody uses. */
const MOST_DIGESTS = 100;

/** The known digest of an image; undefined if it has changed or was never read. */
export function recallDigest(home: string, image: string, facts: FileFacts): string | undefined {
  const known = readDigests(home)[image];
  return known !== undefined && isSameFile(facts, known) ? known.digest : undefined;
}

export function rememberDigest(home: string, image: string, facts: FileFacts, digest: string): void {
  const others = Object.entries(readDigests(home)).filter(([path]) => path !== image);
  const kept = [...others.slice(1 - MOST_DIGESTS), [image, { ...facts, digest }]];
  replaceFile(digestsFile(home), JSON.stringify(Object.fromEntries(kept)));
}

function readDigests(home: string): Digests {
  try {
    return JSON.parse(readFileSync(digestsFile(home), 'utf8')) as Digests;
  } catch {
    // It was not written yet, or is damaged: then images are read again.
    return {};
  }
}

/** The root that was unpacked from the image with a digest, as a path of this machine; undefined if it is not kept. */
export function findKept(home: string, digest: string): string | undefined {
  const place = join(rootsFolder(home), digest);
  return DIGEST.test(digest) && readManifest(place) !== undefined ? join(place, 'tree') : undefined;
}

/** Notes that this process uses a root, so that nobody removes it, and that it was used just now. */
export function lease(home: string, digest: string): void {
  const place = join(rootsFolder(home), digest);
  const users = join(place, 'users');
  const owner = findOwner();
  const start = nameForOwner('user', owner);
  try {
    const names = readdirSync(users);
    if (!names.some((name) => name.startsWith(start))) mkdtempSync(join(users, start));
    for (const left of listAbandoned(users, owner)) rmSync(left, { recursive: true, force: true });
    const now = new Date();
    utimesSync(join(place, 'manifest'), now, now);
  } catch {
    // It belongs to another user, who is root.
  }
}

/** Makes a folder for unpacking. */
export function makeDraft(home: string, digest: string): string {
  const folder = rootsFolder(home);
  mkdirSync(folder, { recursive: true });
  // While an image is unpacked, it may have set-user-ID programs, which would be root's if root unpacks.
  chmodSync(folder, 0o700);
  const draft = mkdtempSync(join(folder, nameForOwner(digest, findOwner())));
  chmodSync(draft, 0o755);
  return draft;
}

/**
 * Takes a root in, in one step.
 *
 * @param draft from {@link makeDraft}
 * @param tree the finished files, in the draft
 * @returns the path of the root; that of another process if it was faster
 */
export function takeIn(
  home: string,
  digest: string,
  draft: string,
  { tree, image, size }: { readonly tree: string; readonly image: string; readonly size: TreeSize },
): string {
  const place = join(rootsFolder(home), digest);
  const whole = join(draft, 'whole');
  mkdirSync(join(whole, 'users'), { recursive: true });
  renameSync(tree, join(whole, 'tree'));
  const manifest: RootManifest = { format: 1, image, ...size };
  writeFileSync(join(whole, 'manifest'), JSON.stringify(manifest));
  try {
    renameSync(whole, place);
  } catch {
    if (findKept(home, digest) === undefined) {
      // A process was killed while it removed that root.
      renameSync(place, join(draft, 'damaged'));
      renameSync(whole, place);
    }
  }
  return join(place, 'tree');
}

function readManifest(place: string): RootManifest | undefined {
  try {
    const manifest = JSON.parse(readFileSync(join(place, 'manifest'), 'utf8')) as RootManifest;
    return manifest.format === 1 ? manifest : undefined;
  } catch {
    return undefined;
  }
}

/** The number and the size of the removed roots. */
export interface PrunedRoots {
  readonly roots: number;
  readonly bytes: number;
}

/**
 * Removes the least recently used roots until the rest is within a limit, and what killed processes have left. Roots that a process uses, or that
 * cannot be removed, stay. Throws nothing.
 *
 * @param home the state folder
 * @param limit in bytes
 */
export function pruneRoots(home: string, limit: number): PrunedRoots {
  const folder = rootsFolder(home);
  removeDrafts(home);
  const pruned = { roots: 0, bytes: 0 };
  let kept = 0;
  for (const { place, bytes } of listNewestFirst(folder)) {
    if (bytes !== undefined && kept + bytes <= limit) kept += bytes;
    else if (removeUnlessUsed(folder, place)) {
      pruned.roots += 1;
      pruned.bytes += bytes ?? 0;
    } else kept += bytes ?? 0;
  }
  return pruned;
}

/** Removes what killed processes have left, while this process goes on. Throws nothing. */
export function removeDrafts(home: string): void {
  try {
    // Another process may be removing it, too.
    for (const draft of listAbandoned(rootsFolder(home), findOwner())) removeTree(draft).catch(() => {});
  } catch {
    // Nothing was ever unpacked here.
  }
}

/** @returns the size of each root, undefined if it is damaged */
function listNewestFirst(folder: string): { place: string; used: number; bytes: number | undefined }[] {
  return listFolder(folder)
    .filter((name) => DIGEST.test(name))
    .map((name) => {
      const place = join(folder, name);
      const used = statSync(join(place, 'manifest'), { throwIfNoEntry: false })?.mtimeMs ?? 0;
      return { place, used, bytes: readManifest(place)?.bytes };
    })
    .sort((left, right) => right.used - left.used);
}

/** The root is renamed to what the next unpacking removes, because it may have a hundred thousand files. */
function removeUnlessUsed(folder: string, place: string): boolean {
  try {
    if (isUsed(place)) return false;
    const manifest = join(place, 'manifest');
    // A process takes its lease first and then reads the manifest, so at least one of the two notices the other.
    const text = readFileSync(manifest);
    rmSync(manifest);
    if (isUsed(place)) {
      writeFileSync(manifest, text);
      return false;
    }
    const aside = join(folder, nameAside('removed'));
    renameSync(place, aside);
    removeTree(aside).catch(() => {});
    return true;
  } catch {
    return false;
  }
}

const isUsed = (place: string): boolean => hasLiveOwner(join(place, 'users'));
