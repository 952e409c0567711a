import { openElf } from '../../image/elf/elf-file.ts';
import { readNeedsOfElf } from '../../image/elf/elf-needs.ts';
import { readPieces } from '../../image/elf/file-pieces.ts';

/**
 * Reads the names of the libraries that an ELF file links (DT_NEEDED). Total: the list is empty for any other file and for an unreadable
 * one.
 *
 * @param file path on this machine
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
