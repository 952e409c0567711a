import { createHash } from 'node:crypto';
import {
  appendFileSync,
  type BigIntStats,
  closeSync,
  fstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
} from 'node:fs';
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
  /** Keeps what was learnt since the last time, which takes as long as that is much. Without success, the files are read again next time. */
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
  const { known, isCompact } = readKnown(place);
  let mustRewrite = !isCompact;
  let learnt: string[] = [];
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
        // The form has lines.
        if (!path.includes('\n')) learnt.push(path);
      }
      return blobOf(path, hash, BigInt(size));
    },
    save() {
      if (learnt.length === 0) return;
      try {
        mkdirSync(dirname(place), { recursive: true });
        if (mustRewrite) replaceFile(place, `${FORM}\n${writeLines(known, chooseKept(known))}`);
        else appendFileSync(place, writeLines(known, learnt));
        mustRewrite = false;
        learnt = [];
      } catch {
        // The next trial reads the files again.
      }
    },
  };
}

/** The paths that are kept when all is written anew. */
function chooseKept(known: ReadonlyMap<string, Known>): readonly string[] {
  const paths = [...known.keys()].filter((path) => !path.includes('\n'));
  return paths.length > MOST_KNOWN ? paths.filter((path) => known.get(path)?.isUsed) : paths;
}

function writeLines(known: ReadonlyMap<string, Known>, paths: readonly string[]): string {
  const lines = paths.flatMap((path) => {
    const found = known.get(path);
    return found === undefined ? [] : `${found.hash} ${found.state} ${path}\n`;
  });
  return lines.join('');
}

interface Kept {
  readonly known: Map<string, Known>;
  /** Whether the file can be continued: most of its lines still count. */
  readonly isCompact: boolean;
}

function readKnown(place: string): Kept {
  const known = new Map<string, Known>();
  let text: string;
  try {
    text = readFileSync(place, 'utf8');
  } catch {
    return { known, isCompact: false };
  }
  const [form, ...lines] = text.trimEnd().split('\n');
  if (form !== FORM) return { known, isCompact: false };
  for (const line of lines) {
    const [, hash, state, path] = /^([0-9a-f]{64}) (\S+) (\/.*)$/.exec(line) ?? [];
    if (hash !== undefined && state !== undefined && path !== undefined)
      known.set(path, { hash, state, isUsed: false });
  }
  return { known, isCompact: known.size <= MOST_KNOWN && known.size >= lines.length / 2 };
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
