import { type ElfFile, PT_DYNAMIC, PT_INTERP, PT_LOAD } from './elf-file.ts';

/** The needs of an ELF file at run time (System V gABI, chapter 5, "Dynamic Linking"). */
export interface ElfNeeds {
  /** DT_NEEDED entries in their order. */
  readonly needed: readonly string[];
  /** DT_SONAME, which only libraries have. */
  readonly soname: string | undefined;
  /** PT_INTERP: the dynamic loader. */
  readonly interpreter: string | undefined;
}

const DT_NULL = 0;
const DT_NEEDED = 1;
const DT_STRTAB = 5;
const DT_SONAME = 14;

/** Limits in entries, names, and bytes of one name, more than any linker writes. */
const MOST_ENTRIES = 16384;
const MOST_NAMES = 4096;
const MOST_NAME_BYTES = 4096;

/** Reads the dynamic section of an ELF file. Total and bounded, as `openElf` is. */
export function readNeedsOfElf(elf: ElfFile): ElfNeeds {
  const { segments, piece } = elf;
  const text = (offset: number) => {
    const bytes = piece(offset, MOST_NAME_BYTES);
    const end = bytes.indexOf(0);
    return end < 0 ? undefined : Buffer.from(bytes.subarray(0, end)).toString('utf8');
  };
  const interpreterAt = segments.find(({ type }) => type === PT_INTERP)?.offset;
  const entries = readDynamicEntries(elf);
  const strings = fileOffset(elf, entries.find(({ tag }) => tag === DT_STRTAB)?.value ?? -1);
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

function readDynamicEntries({ segments, piece, numbers, is64 }: ElfFile): { tag: number; value: number }[] {
  const dynamic = segments.find(({ type }) => type === PT_DYNAMIC);
  if (dynamic === undefined) return [];
  const size = is64 ? 16 : 8;
  const bytes = piece(dynamic.offset, Math.min(dynamic.size, MOST_ENTRIES * size));
  const section = numbers(bytes);
  const entries: { tag: number; value: number }[] = [];
  for (let at = 0; at + size <= bytes.length; at += size) {
    const tag = section.word(at);
    if (tag === DT_NULL) break;
    entries.push({ tag, value: section.word(at + size / 2) });
  }
  return entries;
}

/** The offset in the file of a loaded address; -1 if nothing of the file is loaded there. */
function fileOffset({ segments }: ElfFile, address: number): number {
  const load = segments.find(
    ({ type, address: start, size }) => type === PT_LOAD && address >= start && address < start + size,
  );
  return load === undefined ? -1 : load.offset + address - load.address;
}
