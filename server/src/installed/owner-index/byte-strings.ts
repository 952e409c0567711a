import { decodePath } from '../../files/path-bytes.ts';
import { growable } from './growable.ts';

/**
 * Byte strings, each once, with numbers from 0: a few flat arrays, which can lie in a file as they are.
 */
export interface ByteStrings {
  /** For the string of each number where it ends in `bytes`; it begins where the one before ends. */
  readonly ends: Uint32Array;
  readonly bytes: Uint8Array;
  /**
   * A hash table with open addressing and a power of two of slots, some of them empty (0). The others hold the number of a string plus
   * one in as many low bits as the largest takes; the bits above are those of the string's hash, so that a string is nearly never
   * compared with another.
   */
  readonly slots: Uint32Array;
}

/** FNV-1a. */
export function hashBytes(bytes: Uint8Array, start: number, end: number): number {
  let hash = HASH_START;
  for (let at = start; at < end; at++) hash = continueHash(hash, bytes[at] as number);
  return hash;
}

export const HASH_START = 0x811c9dc5 | 0;
export const continueHash = (hash: number, byte: number): number => Math.imul(hash ^ byte, 0x01000193);

/** FNV's low bits are its worst. */
const mix = (hash: number): number => hash ^ (hash >>> 15);

/** The low bits that numbers up to `count` take. */
const numberBits = (count: number): number => (1 << (32 - Math.clz32(count))) - 1;

/** The number of the string that `key` has between two places, or -1. `hash` is its hash. */
export function findString(
  { ends, bytes, slots }: ByteStrings,
  hash: number,
  key: Uint8Array,
  from: number,
  to: number,
): number {
  const low = numberBits(ends.length);
  let slot = mix(hash) & (slots.length - 1);
  for (let probes = slots.length; probes > 0; probes--) {
    const held = slots[slot] as number;
    if (held === 0) return -1;
    if (((held ^ hash) & ~low) === 0) {
      const number = (held & low) - 1;
      if (isEqual(bytes, startOf(ends, number), ends[number] as number, key, from, to)) return number;
    }
    slot = (slot + 1) & (slots.length - 1);
  }
  return -1;
}

/** Where the part of thing `number` begins in an array of which `ends` holds the ends of parts. */
export const startOf = (ends: Uint32Array, number: number): number =>
  number === 0 ? 0 : (ends[number - 1] as number);

/**
 * Whether two parts of arrays are equal. Names in one folder differ at their end, so that is where to look first.
 * It is called for every file of a root, so that no object is made for a part.
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

/** A part of `bytes` as `decodePath` gives it; nearly all paths are ASCII, for which there is a quicker way. */
export function decodeRange(bytes: Buffer, start: number, end: number): string {
  for (let at = start; at < end; at++)
    if ((bytes[at] as number) > 0x7f) return decodePath(bytes.subarray(start, end));
  return bytes.toString('latin1', start, end);
}

export interface ByteStringsBuilder {
  /** How many strings there are. */
  readonly count: number;
  /** The number of the string that `source` has between two places; if it is new, the next number. */
  add(source: Uint8Array, start: number, end: number): number;
  /** All strings added; nothing may be added afterwards. */
  finish(): ByteStrings;
}

/** A table is widened when it is fuller. The bits of the hash in each slot make a full one as quick as a loose one, and it is a file to be read. */
const MOST_FULL = 0.8;

export function createByteStringsBuilder(): ByteStringsBuilder {
  const ends = growable();
  let bytes = new Uint8Array(1 << 16);
  // While strings are added a slot is two words, the hash and the number plus one: they lie in the same line of the processor's cache.
  let slots = new Uint32Array(2 * 1024);
  let last = slots.length / 2 - 1;

  const firstSlot = (hash: number): number => mix(hash) & last;
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
