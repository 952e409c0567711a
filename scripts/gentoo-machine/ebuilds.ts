import { createHash } from 'node:crypto';
import { copyFileSync, cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { packFolder } from '../set-up/archive.ts';

/** The ebuilds of the packages that are merged, as in a repository; and the sources of those that are our own. */
const [PACKAGES, SOURCES] = ['scripts/gentoo-machine/packages', 'scripts/gentoo-machine/sources'];

/**
 * Puts the distfiles of the ebuilds into a folder.
 *
 * @param portage the source of Portage
 * @returns their paths
 */
export function writeDistfiles(folder: string, portage: string): string[] {
  const target = join(folder, basename(portage));
  copyFileSync(portage, target);
  const packed = readdirSync(resolve(SOURCES)).map((name) => {
    const file = join(folder, `${name}.tar`);
    writeFileSync(file, packFolder(resolve(SOURCES, name)));
    return file;
  });
  return [target, ...packed];
}

/** Puts the ebuilds into a repository, each with a Manifest of its distfile (GLEP 74). */
export function writeEbuilds(repository: string, distfiles: readonly string[]): void {
  cpSync(resolve(PACKAGES), repository, { recursive: true });
  for (const distfile of distfiles) {
    const packageName = basename(distfile).replace(/-[\d.]+\.tar(?:\.gz)?$/, '');
    for (const category of readdirSync(repository)) {
      const folder = join(repository, category, packageName);
      if (existsSync(folder)) writeFileSync(join(folder, 'Manifest'), describeDistfile(distfile));
    }
  }
}

/** The line of a Manifest for a distfile. */
export function describeDistfile(path: string): string {
  const content = readFileSync(path);
  const digest = (algorithm: string): string => createHash(algorithm).update(content).digest('hex');
  const digests = `BLAKE2B ${digest('blake2b512')} SHA512 ${digest('sha512')}`;
  return `DIST ${basename(path)} ${content.length} ${digests}\n`;
}
