import { type ElfFile, readName } from './elf-file.ts';

/** The names in an ELF file's dynamic symbol table, without versions, each once. */
export interface ElfSymbols {
  /** Symbols that other files can use. */
  readonly defined: readonly string[];
  /** Symbols that the loader looks for in libraries. */
  readonly imported: readonly string[];
}

const SHT_DYNSYM = 11;
const SHN_UNDEF = 0;
const STB_LOCAL = 0;

/** Limits in symbols and in bytes of their table. LLVM, which exports more than others, has about 50,000 symbols. */
const MOST_SYMBOLS = 250_000;
const MOST_STRING_BYTES = 64 * 2 ** 20;
/** Limit in bytes of all names, because many symbols may claim to have the same long name. */
const MOST_NAME_BYTES = 64 * 2 ** 20;

/**
 * Reads the dynamic symbols (System V gABI, chapter 4, "Symbol Table"). A file without section headers has none. Total, and bounded like
 * `openElf`.
 */
export function readElfSymbols(elf: ElfFile): ElfSymbols {
  const table = elf.sections.find(({ type }) => type === SHT_DYNSYM);
  const strings = table && elf.sections[table.link];
  if (table === undefined || strings === undefined) return { defined: [], imported: [] };
  const size = elf.is64 ? 24 : 16;
  const bytes = elf.piece(table.offset, Math.min(table.size, MOST_SYMBOLS * size));
  const names = elf.piece(strings.offset, Math.min(strings.size, MOST_STRING_BYTES));
  const { u16, u32 } = elf.numbers(bytes);
  const defined = new Set<string>();
  const imported = new Set<string>();
  let room = MOST_NAME_BYTES;
  for (let at = 0; at + size <= bytes.length && room > 0; at += size) {
    const binding = (bytes[at + (elf.is64 ? 4 : 12)] ?? 0) >> 4;
    const name = binding === STB_LOCAL ? '' : readName(names, u32(at));
    if (name === '') continue;
    room -= name.length;
    (u16(at + (elf.is64 ? 6 : 14)) === SHN_UNDEF ? imported : defined).add(name);
  }
  return { defined: [...defined], imported: [...imported] };
}
