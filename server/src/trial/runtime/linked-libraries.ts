import { openElf } from '../../image/elf/elf-file.ts';
import { readNeedsOfElf } from '../../image/elf/elf-needs.ts';
import { readPieces } from '../../image/elf/file-pieces.ts';

/**
 * The names of the libraries that an ELF file links (DT_NEEDED). Total: none for any other file, and for one that cannot be read.
 *
 * @param file on this machine
 */
export function readLinkedLibraries(file: string | undefined): readonly string[] {
  if (file === undefined) return [];
  return (
    readPieces(file, (read) => {
      const elf = openElf(read);
      return elf === undefined ? [] : readNeedsOfElf(elf).needed;
    }) ?? []
  );
}
