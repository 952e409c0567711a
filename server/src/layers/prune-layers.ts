import { existsSync, lstatSync, renameSync, rmSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { listEntries, listFolder } from '../files/folder-listing.ts';
import { hasLiveOwner, nameAside } from '../host/process-owner.ts';
import { toMachinePath } from '../installed/file-tree.ts';
import { FACTS, layerFolder } from './layer-store.ts';
import { LEASES, readStack } from './stack-store.ts';

/** The number of the removed layers, and the size of their contents. */
export interface PrunedLayers {
  readonly layers: number;
  readonly bytes: number;
}

/** A layer that has just been found may be about to be used. In milliseconds. */
const GRACE = 10 * 60 * 1000;

/**
 * Removes the least recently used layers, with the stacks that they are part of, until the contents of the rest are within a limit. Layers of
 * a stack that a process uses stay. Throws nothing.
 *
 * @param home the state folder
 * @param limit in bytes; 0 removes everything that is not used
 */
export function pruneLayers(home: string, limit: number): PrunedLayers {
  const path = layerFolder(home);
  const pruned = { layers: 0, bytes: 0 };
  try {
    if (!existsSync(path)) return pruned;
    const before = sweepContent(path);
    let { kept } = before;
    pruned.bytes = before.removed;
    const stacks = listStacks(path);
    const used = new Set(stacks.filter(({ isUsed }) => isUsed).flatMap(({ layers }) => layers));
    for (const { digest, time } of listOldestFirst(path)) {
      if (kept <= limit && limit > 0) break;
      if (used.has(digest) || (limit > 0 && Date.now() - time < GRACE)) continue;
      for (const stack of stacks) if (stack.layers.includes(digest)) discard(path, stack.folder);
      const freed = sumOwnFiles(join(path, 'packages', digest));
      discard(path, join(path, 'packages', digest));
      kept -= freed;
      pruned.layers += 1;
    }
    if (limit === 0) {
      for (const stack of stacks) if (!stack.isUsed) discard(path, stack.folder);
      for (const name of ['known', 'binhosts']) rmSync(join(path, name), { recursive: true, force: true });
    }
    if (pruned.layers > 0 || limit === 0) pruned.bytes += sweepContent(path).removed;
  } catch {
    // Another process removes them too, or they belong to another user.
  }
  return pruned;
}

/** Removes the contents that no layer has any more. @returns the bytes of the others, and of what was removed */
function sweepContent(path: string): { readonly kept: number; readonly removed: number } {
  let kept = 0;
  let removed = 0;
  for (const folder of listFolder(join(path, 'content')))
    for (const name of listFolder(join(path, 'content', folder))) {
      const file = join(path, 'content', folder, name);
      const stats = lstatSync(file, { throwIfNoEntry: false });
      if (stats === undefined) continue;
      if (stats.nlink > 1) {
        kept += stats.size;
        continue;
      }
      rmSync(file, { force: true });
      removed += stats.size;
    }
  return { kept, removed };
}

/** The bytes of the files that only this layer has: a file has one link there and one among the contents. */
function sumOwnFiles(folder: string): number {
  let bytes = 0;
  for (const entry of listEntries(folder)) {
    const place = join(folder, entry.name);
    if (entry.isDirectory()) bytes += sumOwnFiles(place);
    else if (entry.isFile()) {
      const stats = lstatSync(toMachinePath(place), { throwIfNoEntry: false });
      if (stats !== undefined && stats.nlink <= 2) bytes += stats.size;
    }
  }
  return bytes;
}

function listOldestFirst(path: string): { readonly digest: string; readonly time: number }[] {
  return listFolder(join(path, 'packages'))
    .map((digest) => {
      const facts = statSync(join(path, 'packages', digest, FACTS), { throwIfNoEntry: false });
      return { digest, time: facts?.mtimeMs ?? 0 };
    })
    .sort((left, right) => left.time - right.time);
}

function listStacks(path: string) {
  return listFolder(join(path, 'stacks')).map((name) => {
    const folder = join(path, 'stacks', name);
    return { folder, layers: readStack(folder)?.layers ?? [], isUsed: hasLiveOwner(join(folder, LEASES)) };
  });
}

/** Moves a folder to those that the next trial removes if this process does not, and removes it. */
function discard(path: string, folder: string): void {
  if (!existsSync(folder)) return;
  const aside = join(path, 'work', nameAside(`removed-${basename(folder)}`));
  renameSync(folder, aside);
  rmSync(aside, { recursive: true, force: true });
}
