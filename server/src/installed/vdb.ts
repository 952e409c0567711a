import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { throwIfExhausted } from '../files/exhaustion.ts';
import type { PackageFacts } from '../pms/match.ts';

/** One installed package as recorded in the VDB (`<root>/var/db/pkg`), without its files, which are in the owner index. */
export interface InstalledPackage extends PackageFacts {
  /** The flags without `+` and `-`. */
  readonly iuse: readonly string[];
  /** The dependency as recorded, perhaps with USE conditionals. */
  readonly rdepend: string;
  readonly pdepend: string;
  /** The name of the repository it was built from (PMS 4.4.1); empty if that was not recorded. */
  readonly repository: string;
}

/** A package name must not end in a hyphen and a version (PMS 3.1.2, 3.2), so the last possible split is the right one. */
const NAME_AND_VERSION =
  /^(?<name>[A-Za-z0-9+_][A-Za-z0-9+_-]*?)-(?<version>\d+(?:\.\d+)*[a-z]?(?:_(?:alpha|beta|pre|rc|p)\d*)*(?:-r\d+)?)$/;
/** The length of the longest name of a file (NAME_MAX, limits.h). The expression above takes quadratic time. */
const LONGEST_NAME = 255;

/** Splits `PF` into the name and the version with revision; undefined if it does not have this form. */
export function splitPackageName(
  pf: string,
): { readonly name: string; readonly version: string } | undefined {
  const groups = pf.length > LONGEST_NAME ? undefined : NAME_AND_VERSION.exec(pf)?.groups;
  return groups === undefined
    ? undefined
    : { name: groups.name as string, version: groups.version as string };
}

/** The size in bytes up to which files are read. The longest known CONTENTS, of kernel sources, has 20 MB. */
const LONGEST_FILE = 256 * 2 ** 20;

/**
 * Reads one file of the VDB. It does not block on a FIFO and does not follow a link.
 *
 * @returns undefined if the file cannot be read or is not a regular file
 * @throws UserError if this process or machine has run out of something
 */
export function readVdbFile(path: string): Buffer | undefined {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW);
    const facts = fstatSync(descriptor);
    if (!facts.isFile() || facts.size > LONGEST_FILE) return undefined;
    const bytes = Buffer.allocUnsafe(facts.size);
    let length = 0;
    while (length < bytes.length) {
      const read = readSync(descriptor, bytes, length, bytes.length - length, length);
      if (read === 0) break;
      length += read;
    }
    return bytes.subarray(0, length);
  } catch (error) {
    throwIfExhausted(error);
    return undefined;
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

/** Reads the folder of a package, except CONTENTS. A file that cannot be read counts as empty. */
export function readInstalledPackage(
  folder: string,
  category: string,
  split: { readonly name: string; readonly version: string },
): InstalledPackage {
  const read = (name: string) => readVdbFile(`${folder}/${name}`)?.toString('utf8').trim() ?? '';
  const [slot = '', subslot] = read('SLOT').split('/');
  return {
    category,
    name: split.name,
    version: split.version,
    slot: slot || '0',
    subslot: subslot || slot || '0',
    use: splitWords(read('USE')),
    iuse: splitWords(read('IUSE')).map((flag) => flag.replace(/^[+-]/, '')),
    rdepend: read('RDEPEND'),
    pdepend: read('PDEPEND'),
    repository: read('repository'),
  };
}

const splitWords = (text: string): string[] => text.split(/\s+/).filter((word) => word !== '');
