import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import type { PackageFacts } from '../pms/match.ts';

/** One installed package as the VDB (`<root>/var/db/pkg`) records it; what files it has, the owner index knows. */
export interface InstalledPackage extends PackageFacts {
  /** Without `+` and `-`. */
  readonly iuse: readonly string[];
  /** Dependency strings as recorded; USE conditionals may be left in them. */
  readonly rdepend: string;
  readonly pdepend: string;
  /** The name of the repository it was built from (PMS 4.4.1); empty where that was not recorded. */
  readonly repository: string;
}

/** PMS 3.1.2 and 3.2: a package name may not end in a hyphen and a version, so the last possible split is the right one. */
const NAME_AND_VERSION =
  /^(?<name>[A-Za-z0-9+_][A-Za-z0-9+_-]*?)-(?<version>\d+(?:\.\d+)*[a-z]?(?:_(?:alpha|beta|pre|rc|p)\d*)*(?:-r\d+)?)$/;
/** No file has a longer name (NAME_MAX, limits.h); the expression above takes the square of the length. */
const LONGEST_NAME = 255;

/** Splits `PF` into name and version with revision, or undefined when it is neither. */
export function splitPackageName(
  pf: string,
): { readonly name: string; readonly version: string } | undefined {
  const groups = pf.length > LONGEST_NAME ? undefined : NAME_AND_VERSION.exec(pf)?.groups;
  return groups === undefined
    ? undefined
    : { name: groups.name as string, version: groups.version as string };
}

/** The longest CONTENTS there is, of kernel sources, has 20 MB; what is longer than this is none. */
const LONGEST_FILE = 256 * 2 ** 20;

/**
 * Reads one file of the VDB. Neither blocks at a FIFO nor follows a link.
 *
 * @returns undefined where it cannot be read or is no regular file
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
  } catch {
    return undefined;
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

/** Reads what the package's folder says of it, except CONTENTS; what cannot be read counts as empty. */
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
