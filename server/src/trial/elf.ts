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

const PT_LOAD = 1;
const PT_DYNAMIC = 2;
const PT_INTERP = 3;
const DT_NULL = 0;
const DT_NEEDED = 1;
const DT_STRTAB = 5;
const DT_SONAME = 14;

/** Reads an ELF file; undefined when the bytes are not one. Total: offsets that lead outside the file are ignored. */
export function readElfNeeds(bytes: Uint8Array): ElfNeeds | undefined {
  if (bytes.length < 52 || bytes[0] !== 0x7f || bytes[1] !== 0x45 || bytes[2] !== 0x4c || bytes[3] !== 0x46)
    return undefined;
  const is64 = bytes[4] === 2;
  const little = bytes[5] === 1;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const has = (offset: number, size: number) => offset >= 0 && offset + size <= bytes.length;
  const u16 = (offset: number) => (has(offset, 2) ? view.getUint16(offset, little) : 0);
  const u32 = (offset: number) => (has(offset, 4) ? view.getUint32(offset, little) : 0);
  const word = (offset: number) =>
    is64 ? (has(offset, 8) ? Number(view.getBigUint64(offset, little)) : 0) : u32(offset);
  const text = (offset: number) => {
    const end = has(offset, 1) ? bytes.indexOf(0, offset) : -1;
    return end < 0 ? undefined : Buffer.from(bytes.subarray(offset, end)).toString('utf8');
  };

  const tableOffset = word(is64 ? 32 : 28);
  const entrySize = u16(is64 ? 54 : 42);
  const entryCount = u16(is64 ? 56 : 44);
  const segments = Array.from({ length: entryCount }, (_, index) => {
    const at = tableOffset + index * entrySize;
    return is64
      ? { type: u32(at), offset: word(at + 8), address: word(at + 16), size: word(at + 32) }
      : { type: u32(at), offset: u32(at + 4), address: u32(at + 8), size: u32(at + 16) };
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
    for (let at = dynamic.offset; has(at, size) && at < dynamic.offset + dynamic.size; at += size) {
      const tag = word(at);
      if (tag === DT_NULL) break;
      entries.push({ tag, value: word(at + size / 2) });
    }
  }
  const strings = fileOffset(entries.find(({ tag }) => tag === DT_STRTAB)?.value ?? -1);
  const stringsOf = (wanted: number) =>
    strings < 0
      ? []
      : entries
          .filter(({ tag }) => tag === wanted)
          .map(({ value }) => text(strings + value))
          .filter((name): name is string => name !== undefined && name !== '');
  return {
    needed: stringsOf(DT_NEEDED),
    soname: stringsOf(DT_SONAME)[0],
    interpreter: interpreterAt === undefined ? undefined : text(interpreterAt),
  };
}
