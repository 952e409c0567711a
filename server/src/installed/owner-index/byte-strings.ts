import { decodePath } from '../../files/path-bytes.ts';
import { growable } from './growable.ts';

/**
 * A set of byte strings with numbers from 0, as a few flat arrays that are stored in a file without conversion.
 */
export interface ByteStrings {
  /** For each string its end in `bytes`. It begins at the end of the string before it. */
  readonly ends: Uint32Array;
  readonly bytes: Uint8Array;
  /**
   * A hash table with open addressing, with a power of two of slots. An empty slot is 0. The low bits of a slot, as many as
   * the largest number needs, are the number of a string plus one. The others are from the hash, so that different strings
   * are almost never compared.
   */
  readonly slots: Uint32Array;
}

/** The hash of a part of an array: MurmurHash3 with one multiplication for each word, because strings are short. */
export function hashBytes(bytes: Uint8Array, start: number, end: number): number {
  let hash = end - start;
  let at = start;
  for (; at + 4 <= end; at += 4) {
    const low = (bytes[at] as number) | ((bytes[at + 1] as number) << 8);
    const high = ((bytes[at + 2] as number) << 16) | ((bytes[at + 3] as number) << 24);
    hash = Math.imul(hash ^ low ^ high, 0xcc9e2d51);
    hash ^= hash >>> 15;
  }
  let rest = 0;
  for (; at < end; at++) rest = (rest << 8) | (bytes[at] as number);
  hash = Math.imul(hash ^ rest, 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}

/** A mask of the low bits that numbers up to `count` need. */
const numberBits = (count: number): number => (1 << (32 - Math.clz32(count))) - 1;

/** The number of the string in the first `length` bytes of `key`, or -1. `hash` is its hash. */
export function findString(
  { ends, bytes, slots }: ByteStrings,
  hash: number,
  key: Uint8Array,
  length: number,
): number {
  const low = numberBits(ends.length);
  let slot = hash & (slots.length - 1);
  for (let probes = slots.length; probes > 0; probes--) {
    const held = slots[slot] as number;
    if (held === 0) return -1;
    if (((held ^ hash) & ~low) === 0) {
      const number = (held & low) - 1;
      if (isEqual(bytes, startOf(ends, number), ends[number] as number, key, 0, length)) return number;
    }
    slot = (slot + 1) & (slots.length - 1);
  }
  return -1;
}

/** The start of part `number` in an array that is divided into parts with these ends. */
export const startOf = (ends: Uint32Array, number: number): number =>
  number === 0 ? 0 : (ends[number - 1] as number);

/**
 * Whether two parts of arrays are equal. Names in one folder differ most at their ends, so the comparison begins there.
 * It runs for each file of a root, so the parts are parameters and not objects.
 */
// biome-ignore lint/complexity/useMaxParams: see above
export function isEqual(
  left: Uint8Array,
  start: number,
  end: number,
  right: Uint8Array,
  from: number,
  to: number,
): boolean {
  if (end - start !== to - from) return false;
  for (let back = 1; back <= to - from; back++) if (left[end - back] !== right[to - back]) return false;
  return true;
}

/** Decodes a part of `bytes` like `decodePath`, but faster for ASCII, which nearly all paths are. */
export function decodeRange(bytes: Buffer, start: number, end: number): string {
  for (let at = start; at < end; at++)
    if ((bytes[at] as number) > 0x7f) return decodePath(bytes.subarray(start, end));
  return bytes.toString('latin1', start, end);
}

export interface ByteStringsBuilder {
  /** The number of strings. */
  readonly count: number;
  /** The number of the string in `source` from `start` to `end`; a new string gets the next number. */
  add(source: Uint8Array, start: number, end: number): number;
  /** All strings that were added. The builder must not be used afterwards. */
  finish(): ByteStrings;
}

/** The share of used slots at which a table is widened. It is high for a small file; the hash bits keep look-ups fast. */
const MOST_FULL = 0.8;

export function createByteStringsBuilder(): ByteStringsBuilder {
  const ends = growable();
  let bytes = new Uint8Array(1 << 16);
  // While strings are added, a slot has two words, the hash and the number plus one, which share a cache line.
  let slots = new Uint32Array(2 * 1024);
  let last = slots.length / 2 - 1;

  const firstSlot = (hash: number): number => hash & last;
  const widen = () => {
    const old = slots;
    slots = new Uint32Array(old.length * 2);
    last = slots.length / 2 - 1;
    for (let at = 0; at < old.length; at += 2) {
      const held = old[at + 1] as number;
      if (held === 0) continue;
      let slot = firstSlot(old[at] as number);
      while (slots[2 * slot + 1] !== 0) slot = (slot + 1) & last;
      slots[2 * slot] = old[at] as number;
      slots[2 * slot + 1] = held;
    }
  };
  const append = (source: Uint8Array, start: number, end: number) => {
    const from = ends.last;
    const length = end - start;
    if (from + length > bytes.length) {
      const larger = new Uint8Array(Math.max(bytes.length * 2, from + length));
      larger.set(bytes);
      bytes = larger;
    }
    for (let i = 0; i < length; i++) bytes[from + i] = source[start + i] as number;
    ends.push(from + length);
  };

  return {
    get count() {
      return ends.length;
    },
    add(source, start, end) {
      const hash = hashBytes(source, start, end);
      let slot = firstSlot(hash);
      for (let held = slots[2 * slot + 1] as number; held !== 0; held = slots[2 * slot + 1] as number) {
        if (((slots[2 * slot] as number) | 0) === hash) {
          const known = ends.array;
          const number = held - 1;
          if (isEqual(bytes, startOf(known, number), known[number] as number, source, start, end))
            return number;
        }
        slot = (slot + 1) & last;
      }
      append(source, start, end);
      const number = ends.length - 1;
      slots[2 * slot] = hash;
      slots[2 * slot + 1] = number + 1;
      if (number >= last * MOST_FULL) widen();
      return number;
    },
    finish() {
      const low = numberBits(ends.length);
      const single = new Uint32Array(slots.length / 2);
      for (let slot = 0; slot < single.length; slot++) {
        const held = slots[2 * slot + 1] as number;
        if (held !== 0) single[slot] = held | ((slots[2 * slot] as number) & ~low);
      }
      return { ends: ends.finish(), bytes: bytes.slice(0, ends.last), slots: single };
    },
  };
}
