/**
 * The headers of an ELF file. No maintained ELF reader for Node was found, and this part is one page of code.
 * Source: System V gABI, chapters 4 (ELF header, sections, symbols) and 5 (program header, dynamic section).
 */
export interface ElfFile {
  /** ET_REL 1, ET_EXEC 2, ET_DYN 3. */
  readonly type: number;
  readonly is64: boolean;
  readonly segments: readonly Segment[];
  /** Empty if they were stripped. */
  readonly sections: readonly Section[];
  /** Reads up to `length` bytes from `offset`; none if the offset is not in the file. */
  piece(offset: number, length: number): Uint8Array;
  /** Reads numbers in the file's byte order and word size; 0 beyond the end of `bytes`. */
  numbers(bytes: Uint8Array): Numbers;
}

export interface Segment {
  readonly type: number;
  readonly offset: number;
  readonly address: number;
  readonly size: number;
}

export interface Section {
  readonly name: string;
  readonly type: number;
  readonly flags: number;
  readonly offset: number;
  readonly size: number;
  /** Index of the section that this one refers to, such as a symbol table's strings. */
  readonly link: number;
  readonly entrySize: number;
}

export interface Numbers {
  u16(offset: number): number;
  u32(offset: number): number;
  /** 32 or 64 bits. */
  word(offset: number): number;
}

/** Reads up to `length` bytes of a file from `offset`; fewer at its end. */
export type ReadBytes = (offset: number, length: number) => Uint8Array;

export const PT_LOAD = 1;
export const PT_DYNAMIC = 2;
export const PT_INTERP = 3;

export const SHT_NOBITS = 8;
export const SHF_ALLOC = 2;

/** Size of the 64-bit header, which is the larger one. */
const HEADER_BYTES = 64;
/**
 * Limits in segments, sections, and bytes of section names, more than any linker writes. A hostile file may claim a table as large as
 * itself, with a million names of the same length.
 */
const MOST_SEGMENTS = 1024;
const MOST_SECTIONS = 65_535;
const MOST_SECTION_NAMES = 16 * 2 ** 20;

/**
 * Reads the headers of an ELF file; undefined if it is not one. Total, and bounded in time and memory for every file: offsets outside of
 * it are ignored, and of tables longer than any linker writes only the beginning is read.
 */
export function openElf(read: ReadBytes): ElfFile | undefined {
  const header = read(0, HEADER_BYTES);
  if (header.length < 52 || readLatin1(header, 0, 4) !== '\x7fELF') return undefined;
  const is64 = header[4] === 2;
  const little = header[5] === 1;
  const numbers = (bytes: Uint8Array): Numbers => {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const has = (offset: number, size: number) => offset >= 0 && offset + size <= bytes.length;
    const u16 = (offset: number) => (has(offset, 2) ? view.getUint16(offset, little) : 0);
    const u32 = (offset: number) => (has(offset, 4) ? view.getUint32(offset, little) : 0);
    const word = (offset: number) =>
      is64 ? (has(offset, 8) ? Number(view.getBigUint64(offset, little)) : 0) : u32(offset);
    return { u16, u32, word };
  };
  const piece = (offset: number, length: number) =>
    Number.isSafeInteger(offset) && offset >= 0 && length > 0 ? read(offset, length) : new Uint8Array();

  const { u16, word } = numbers(header);
  const segmentTable = {
    offset: word(is64 ? 32 : 28),
    entrySize: u16(is64 ? 54 : 42),
    count: Math.min(u16(is64 ? 56 : 44), MOST_SEGMENTS),
  };
  const sectionTable = {
    offset: word(is64 ? 40 : 32),
    entrySize: u16(is64 ? 58 : 46),
    count: Math.min(u16(is64 ? 60 : 48), MOST_SECTIONS),
  };
  const elf: ElfFile = {
    type: u16(16),
    is64,
    piece,
    numbers,
    segments: readSegments(),
    sections: readSections(),
  };
  return elf;

  function readSegments(): Segment[] {
    const { offset, entrySize, count } = segmentTable;
    const table = numbers(piece(offset, count * entrySize));
    return Array.from({ length: count }, (_, index) => {
      const at = index * entrySize;
      return {
        type: table.u32(at),
        offset: table.word(at + (is64 ? 8 : 4)),
        address: table.word(at + (is64 ? 16 : 8)),
        size: table.word(at + (is64 ? 32 : 16)),
      };
    });
  }

  function readSections(): Section[] {
    const { offset, entrySize, count } = sectionTable;
    const bytes = piece(offset, count * entrySize);
    const table = numbers(bytes);
    const field = is64
      ? { flags: 8, offset: 24, size: 32, link: 40, entrySize: 56 }
      : { flags: 8, offset: 16, size: 20, link: 24, entrySize: 36 };
    const complete = entrySize > 0 ? Math.min(count, Math.floor(bytes.length / entrySize)) : 0;
    const unnamed = Array.from({ length: complete }, (_, index) => {
      const at = index * entrySize;
      return {
        nameAt: table.u32(at),
        type: table.u32(at + 4),
        flags: table.word(at + field.flags),
        offset: table.word(at + field.offset),
        size: table.word(at + field.size),
        link: table.u32(at + field.link),
        entrySize: table.word(at + field.entrySize),
      };
    });
    const strings = unnamed[u16(is64 ? 62 : 50)];
    const names =
      strings === undefined
        ? new Uint8Array()
        : piece(strings.offset, Math.min(strings.size, MOST_SECTION_NAMES));
    return unnamed.map(({ nameAt, ...section }) => ({ name: readName(names, nameAt), ...section }));
  }
}

/** Limit in bytes, longer than the names that linkers write. */
const MOST_NAME_BYTES = 4096;

/** Reads the NUL-terminated name at an offset of a string table; empty if there is none. */
export function readName(strings: Uint8Array, offset: number): string {
  const end = strings.subarray(offset, offset + MOST_NAME_BYTES).indexOf(0);
  return end < 0 ? '' : readLatin1(strings, offset, offset + end);
}

/** Decodes one character for each byte. Names are nearly always ASCII, and such strings take the least memory. */
function readLatin1(bytes: Uint8Array, start: number, end: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1', start, end);
}
