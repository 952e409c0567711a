import type { ElfFile } from './elf-file.ts';

const SHT_PROGBITS = 1;
const SHF_ALLOC = 2;

/** Limits in bytes of the searched sections of one file, in names, and in characters of one string. */
const MOST_BYTES = 128 * 2 ** 20;
const MOST_NAMES = 512;
const LONGEST = 256;

const SONAME = /^(?:\/(?:usr\/)?lib[^/]*\/(?:[^/]+-linux-[^/]+\/)?)?(lib[\w+.-]+\.so(?:\.[\w.]+)?)$/;

/**
 * Lists the strings in the data of an ELF file that look like a soname, or like the path of a library in a usual folder, each as the name of
 * the file. A string is what stands between two NUL bytes. Total and bounded, as `openElf` is.
 */
export function readSonameStrings({ sections, piece }: ElfFile): string[] {
  const found = new Set<string>();
  let room = MOST_BYTES;
  for (const { name, type, flags, offset, size } of sections) {
    if (type !== SHT_PROGBITS || (flags & SHF_ALLOC) === 0 || !/^\.(ro)?data/.test(name)) continue;
    const bytes = Buffer.from(piece(offset, Math.min(size, room)));
    room -= bytes.length;
    for (let at = bytes.indexOf('.so'); at >= 0; at = bytes.indexOf('.so', at + 1)) {
      const soname = SONAME.exec(stringAround(bytes, at))?.[1];
      if (soname !== undefined) found.add(soname);
      if (found.size >= MOST_NAMES) return [...found];
    }
    if (room <= 0) break;
  }
  return [...found];
}

/** The text between the NUL bytes around a place; empty if they are too far away. */
function stringAround(bytes: Buffer, at: number): string {
  const from = Math.max(0, at - LONGEST);
  const before = bytes.subarray(from, at).lastIndexOf(0);
  const after = bytes.subarray(at, at + LONGEST).indexOf(0);
  if (after < 0 || (before < 0 && from > 0)) return '';
  return bytes.toString('latin1', before < 0 ? from : from + before + 1, at + after);
}
