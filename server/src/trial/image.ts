import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readElfNeeds } from './elf.ts';

/** Something in the installed image that needs a file of the system in order to run. */
export interface ImageNeed {
  /** Path of the installed file as it will be on the system. */
  readonly user: string;
  readonly kind: 'library' | 'interpreter';
  /** A soname such as `libz.so.1`, or the path or name of an interpreter. */
  readonly wanted: string;
}

/**
 * Reads every regular file of an image folder (`D`, PMS 11.1) for what it needs at run time: DT_NEEDED of ELF files and
 * the interpreters of scripts that can be executed. A library that the image brings itself is not asked for.
 *
 * @returns the needs sorted by user and name; files that cannot be read are passed over
 */
export function readImageNeeds(image: string): ImageNeed[] {
  const needs: ImageNeed[] = [];
  const brought = new Set<string>();
  const visit = (folder: string) => {
    let entries: import('node:fs').Dirent[];
    try {
      entries = readdirSync(join(image, folder), { withFileTypes: true });
    } catch {
      return;
    }
    for (const entry of entries) {
      const path = `${folder}/${entry.name}`;
      if (entry.isDirectory()) visit(path);
      else {
        brought.add(entry.name);
        if (entry.isFile()) needs.push(...readFileNeeds(join(image, path), path, brought));
      }
    }
  };
  visit('');
  return needs
    .filter((need) => need.kind !== 'library' || !brought.has(need.wanted))
    .sort((a, b) => (a.user + a.wanted < b.user + b.wanted ? -1 : 1));
}

function readFileNeeds(file: string, user: string, brought: Set<string>): ImageNeed[] {
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch {
    return [];
  }
  const elf = readElfNeeds(bytes);
  if (elf !== undefined) {
    if (elf.soname !== undefined) brought.add(elf.soname);
    return elf.needed.map((wanted) => ({ user, kind: 'library', wanted }));
  }
  const inBin = /\/(s?bin|libexec)\//.test(user);
  const shebang = inBin
    ? /^#!\s*(\S+)(?:[ \t]+(\S+))?/.exec(bytes.subarray(0, 256).toString('latin1'))
    : null;
  if (shebang === null) return [];
  const [, program = '', argument] = shebang;
  const wanted =
    /\/env$/.test(program) && argument !== undefined && !argument.startsWith('-') ? argument : program;
  return [{ user, kind: 'interpreter', wanted }];
}
