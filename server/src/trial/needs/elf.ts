/**
 * What an ELF file says it needs at run time. No kept ELF reader for Node was found, and this much is a page of code.
 * Source: System V gABI, chapters 4 (ELF header) and 5 (program header, dynamic section).
 */
export interface ElfNeeds {
  /** DT_NEEDED entries in their order. */
  readonly needed: readonly string[];
  /** DT_SONAME, when the file is a library that has one. */
  readonly soname: string | undefined;
  /** PT_INTERP: the dynamic loader. */
  readonly interpreter: string | undefined;
}

/** Reads up to `length` bytes of a file from `offset` on; fewer where the file ends. */
export type ReadBytes = (offset: number, length: number) => Uint8Array;

const PT_LOAD = 1;
const PT_DYNAMIC = 2;
const PT_INTERP = 3;
const DT_NULL = 0;
const DT_NEEDED = 1;
const DT_STRTAB = 5;
const DT_SONAME = 14;

/** The largest header, of 64 bits. */
const HEADER_BYTES = 64;
/** No linker writes more. A file may claim that the whole of it is one table, and each of a million names as long as the file. */
const MOST_SEGMENTS = 1024;
const MOST_ENTRIES = 16384;
const MOST_NAMES = 4096;
const MOST_NAME_BYTES = 4096;

/** Reads an ELF file; undefined when the bytes are not one. See {@link readElf}. */
export function readElfNeeds(bytes: Uint8Array): ElfNeeds | undefined {
  return readElf((offset, length) => bytes.subarray(offset, offset + length));
}

/**
 * Reads an ELF file by its pieces; undefined when it is not one. Total, and bounded in time and memory whatever the file holds:
 * offsets that lead outside it are ignored, and of tables longer than any linker writes only the beginning is read.
 */
export function readElf(read: ReadBytes): ElfNeeds | undefined {
  const header = read(0, HEADER_BYTES);
  if (
    header.length < 52 ||
    header[0] !== 0x7f ||
    header[1] !== 0x45 ||
    header[2] !== 0x4c ||
    header[3] !== 0x46
  )
    return undefined;
  const is64 = header[4] === 2;
  const little = header[5] === 1;
  const numbersOf = (bytes: Uint8Array) => {
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
  const text = (offset: number) => {
    const bytes = piece(offset, MOST_NAME_BYTES);
    const end = bytes.indexOf(0);
    return end < 0 ? undefined : Buffer.from(bytes.subarray(0, end)).toString('utf8');
  };

  const { u16, word } = numbersOf(header);
  const entrySize = u16(is64 ? 54 : 42);
  const entryCount = Math.min(u16(is64 ? 56 : 44), MOST_SEGMENTS);
  const table = numbersOf(piece(word(is64 ? 32 : 28), entryCount * entrySize));
  const segments = Array.from({ length: entryCount }, (_, index) => {
    const at = index * entrySize;
    return is64
      ? {
          type: table.u32(at),
          offset: table.word(at + 8),
          address: table.word(at + 16),
          size: table.word(at + 32),
        }
      : {
          type: table.u32(at),
          offset: table.u32(at + 4),
          address: table.u32(at + 8),
          size: table.u32(at + 16),
        };
  });
  const fileOffset = (address: number) => {
    const load = segments.find(
      (one) => one.type === PT_LOAD && address >= one.address && address < one.address + one.size,
    );
    return load === undefined ? -1 : load.offset + address - load.address;
  };

  const interpreterAt = segments.find((one) => one.type === PT_INTERP)?.offset;
  const dynamic = segments.find((one) => one.type === PT_DYNAMIC);
  const entries: { tag: number; value: number }[] = [];
  if (dynamic !== undefined) {
    const size = is64 ? 16 : 8;
    const bytes = piece(dynamic.offset, Math.min(dynamic.size, MOST_ENTRIES * size));
    const section = numbersOf(bytes);
    for (let at = 0; at + size <= bytes.length; at += size) {
      const tag = section.word(at);
      if (tag === DT_NULL) break;
      entries.push({ tag, value: section.word(at + size / 2) });
    }
  }
  const strings = fileOffset(entries.find(({ tag }) => tag === DT_STRTAB)?.value ?? -1);
  const stringsOf = (wanted: number) =>
    strings < 0
      ? []
      : entries
          .filter(({ tag }) => tag === wanted)
          .slice(0, MOST_NAMES)
          .map(({ value }) => text(strings + value))
          .filter((name): name is string => name !== undefined && name !== '');
  return {
    needed: stringsOf(DT_NEEDED),
    soname: stringsOf(DT_SONAME)[0],
    interpreter: interpreterAt === undefined ? undefined : text(interpreterAt),
  };
}
