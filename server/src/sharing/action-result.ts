import { decode, encode } from '../reapi/encoding.ts';

/** A record in a store. */
export interface StoredEntry {
  /** SHA-256 of the envelope. */
  readonly hash: string;
  /** In bytes. */
  readonly size: number;
}

/** More are not read. */
export const MOST_ENTRIES = 64;

const HASH = /^[0-9a-f]{64}$/;

/**
 * Writes the list of records that a store has under a key, as an ActionResult of the Remote Execution API, because bazel-remote takes nothing else
 * there: each record is an output file.
 */
export function writeEntries(entries: readonly StoredEntry[]): Buffer {
  return encode('ActionResult', {
    outputFiles: entries.map(({ hash, size }) => ({
      path: `record-${hash}.json`,
      digest: { hash, sizeBytes: size },
    })),
  });
}

/** Reads a list of records. @returns undefined if it is none; total */
export function readEntries(bytes: Buffer): readonly StoredEntry[] | undefined {
  try {
    const { outputFiles = [] } = decode('ActionResult', bytes);
    const entries = outputFiles.map(({ digest }) => ({
      hash: digest?.hash ?? '',
      size: digest?.sizeBytes ?? 0,
    }));
    return entries.every(({ hash }) => HASH.test(hash)) ? entries.slice(0, MOST_ENTRIES) : undefined;
  } catch {
    return undefined;
  }
}
