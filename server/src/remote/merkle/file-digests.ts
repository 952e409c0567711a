import { createHash } from 'node:crypto';
import { type BigIntStats, closeSync, fstatSync, mkdirSync, openSync, readFileSync, readSync } from 'node:fs';
import { dirname } from 'node:path';
import { replaceFile } from '../../files/replace-file.ts';
import type { Blob } from './digest.ts';

/** Gives files as blobs. Which digest a file had is kept, so that a file that has not changed is read once. */
export interface FileDigests {
  /**
   * @param stats of the path, which is a regular file
   * @throws an error of the file system
   */
  describe(path: string, stats: BigIntStats): Blob;
  /** Keeps what was learnt. Without success, the files are read again next time. */
  save(): void;
}

interface Known {
  readonly state: string;
  readonly hash: string;
  /** Whether the digest was asked for since the file was opened; others are forgotten some day. */
  isUsed: boolean;
}

/** A file that was changed less than this before it was read may be changed again without another time (in milliseconds). */
const SETTLED_AFTER = 2_000;
const MOST_KNOWN = 2_000_000;
const CHUNK = 2 ** 20;
/** The first line of the kept file. */
const FORM = 'ebuild-audit file digests 1';

/** @param place the file that keeps the digests */
export function openFileDigests(place: string): FileDigests {
  const known = readKnown(place);
  let hasChanged = false;
  return {
    describe(path, stats) {
      const state = stateOf(stats);
      const kept = known.get(path);
      if (kept?.state === state) {
        kept.isUsed = true;
        return blobOf(path, kept.hash, stats.size);
      }
      const { hash, size } = digestNow(path);
      const isSettled =
        Date.now() - Number(stats.ctimeNs / 1_000_000n) > SETTLED_AFTER && size === Number(stats.size);
      if (isSettled) {
        known.set(path, { state, hash, isUsed: true });
        hasChanged = true;
      }
      return blobOf(path, hash, BigInt(size));
    },
    save() {
      if (!hasChanged) return;
      const all = [...known].filter(([path]) => !path.includes('\n'));
      const kept = all.length > MOST_KNOWN ? all.filter(([, { isUsed }]) => isUsed) : all;
      const lines = kept.map(([path, { state, hash }]) => `${hash} ${state} ${path}`);
      try {
        mkdirSync(dirname(place), { recursive: true });
        replaceFile(place, [FORM, ...lines, ''].join('\n'));
        hasChanged = false;
      } catch {
        // The next trial reads the files again.
      }
    },
  };
}

function readKnown(place: string): Map<string, Known> {
  const known = new Map<string, Known>();
  let text: string;
  try {
    text = readFileSync(place, 'utf8');
  } catch {
    return known;
  }
  const [form, ...lines] = text.split('\n');
  if (form !== FORM) return known;
  for (const line of lines) {
    const [, hash, state, path] = /^([0-9a-f]{64}) (\S+) (\/.*)$/.exec(line) ?? [];
    if (hash !== undefined && state !== undefined && path !== undefined)
      known.set(path, { hash, state, isUsed: false });
  }
  return known;
}

/** The time of the last change of a file (ctime) cannot be set by its owner, unlike that of its content. */
function stateOf({ dev, ino, size, mtimeNs, ctimeNs }: BigIntStats): string {
  return `${dev}:${ino}:${size}:${mtimeNs}:${ctimeNs}`;
}

function blobOf(path: string, hash: string, size: bigint): Blob {
  return { digest: { hash, sizeBytes: Number(size) }, content: { path } };
}

function digestNow(path: string): { readonly hash: string; readonly size: number } {
  const hash = createHash('sha256');
  const descriptor = openSync(path, 'r');
  try {
    const chunk = Buffer.allocUnsafe(Math.min(CHUNK, Math.max(1, fstatSync(descriptor).size + 1)));
    let size = 0;
    for (let read = readSync(descriptor, chunk); read > 0; read = readSync(descriptor, chunk)) {
      hash.update(chunk.subarray(0, read));
      size += read;
    }
    return { hash: hash.digest('hex'), size };
  } finally {
    closeSync(descriptor);
  }
}
