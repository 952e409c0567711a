/**
 * The list of records that a store has under a key, as an ActionResult of the Remote Execution API (build/bazel/remote/execution/v2), because
 * bazel-remote takes nothing else there: each record is an output file. Only these fields are written, and all others are skipped.
 *
 *     message ActionResult { repeated OutputFile output_files = 2; }
 *     message OutputFile { string path = 1; Digest digest = 2; }
 *     message Digest { string hash = 1; int64 size_bytes = 2; }
 */

/** A record in a store. */
export interface StoredEntry {
  /** SHA-256 of the envelope. */
  readonly hash: string;
  /** In bytes. */
  readonly size: number;
}

/** More are not read. */
export const MOST_ENTRIES = 64;

const LENGTH_DELIMITED = 2;
const HASH = /^[0-9a-f]{64}$/;

function writeNumber(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 0x80) {
    bytes.push((rest % 0x80) | 0x80);
    rest = Math.floor(rest / 0x80);
  }
  return Buffer.from([...bytes, rest]);
}

function writeField(field: number, content: Buffer): Buffer {
  return Buffer.concat([writeNumber(field * 8 + LENGTH_DELIMITED), writeNumber(content.length), content]);
}

export function writeEntries(entries: readonly StoredEntry[]): Buffer {
  return Buffer.concat(
    entries.map(({ hash, size }) => {
      const digest = Buffer.concat([writeField(1, Buffer.from(hash)), writeNumber(2 * 8), writeNumber(size)]);
      const file = [writeField(1, Buffer.from(`record-${hash}.json`)), writeField(2, digest)];
      return writeField(2, Buffer.concat(file));
    }),
  );
}

/** Reads a list of records. @returns undefined if it is none; total */
export function readEntries(bytes: Buffer): readonly StoredEntry[] | undefined {
  const entries: StoredEntry[] = [];
  for (const field of readFields(bytes) ?? [undefined]) {
    if (field === undefined) return undefined;
    if (field.number !== 2 || typeof field.value === 'number') continue;
    const digest = readFields(field.value)?.find(({ number }) => number === 2)?.value;
    if (digest === undefined || typeof digest === 'number') return undefined;
    const fields = readFields(digest);
    const hash = fields?.find(({ number }) => number === 1)?.value;
    const size = fields?.find(({ number }) => number === 2)?.value ?? 0;
    if (hash === undefined || typeof hash === 'number' || typeof size !== 'number') return undefined;
    const text = hash.toString('latin1');
    if (!HASH.test(text)) return undefined;
    if (entries.length < MOST_ENTRIES) entries.push({ hash: text, size });
  }
  return entries;
}

interface Field {
  readonly number: number;
  readonly value: number | Buffer;
}

/** The fields of a message; undefined if it is none. */
function readFields(bytes: Buffer): readonly Field[] | undefined {
  const fields: Field[] = [];
  let at = 0;
  const readNumber = (): number | undefined => {
    let value = 0;
    for (let digit = 0; digit < 10; digit++) {
      const byte = bytes[at];
      if (byte === undefined) return undefined;
      at += 1;
      value += (byte & 0x7f) * 2 ** (7 * digit);
      if (byte < 0x80) return value;
    }
    return undefined;
  };
  while (at < bytes.length) {
    const key = readNumber();
    if (key === undefined) return undefined;
    const [number, type] = [Math.floor(key / 8), key % 8];
    if (type === 0) {
      const value = readNumber();
      if (value === undefined) return undefined;
      fields.push({ number, value });
      continue;
    }
    const length = type === 1 ? 8 : type === 5 ? 4 : type === LENGTH_DELIMITED ? readNumber() : undefined;
    if (length === undefined || length > bytes.length - at) return undefined;
    fields.push({ number, value: bytes.subarray(at, at + length) });
    at += length;
  }
  return fields;
}
