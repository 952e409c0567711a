import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The properties of a VDB that {@link writeVdb} wrote. */
export interface PracticeVdb {
  readonly packages: number;
  /** The total number of lines in all CONTENTS. */
  readonly paths: number;
  /** Files and links, a few from each package. */
  readonly someFiles: readonly string[];
}

const SHARED = [
  '/usr',
  '/usr/bin',
  '/usr/lib',
  '/usr/lib64',
  '/usr/share',
  '/usr/include',
  '/usr/share/doc',
  '/usr/share/man',
];
const STEMS = [
  'config',
  'module',
  'handler',
  'generic-types',
  'test_io',
  'x',
  'internal-definitions',
  'README',
  'util',
  'index',
];
const ENDS = ['.h', '.py', '.cpython-313.pyc', '.so.1', '.html', '.mo', '', '.hpp', '.cmake', '.1.bz2'];

/**
 * Writes a VDB like that of a large system: many small packages, a few very large ones, and nine files in a folder. Names
 * have 3 to 50 bytes, and three in five are unique (of 103,000 files of 735 Debian packages, 63,000 are). 85 % of the lines
 * are files, 5 % links and 10 % folders. Only the folders are created.
 */
export function writeVdb(root: string, packages: number, paths: number): PracticeVdb {
  const weights = Array.from({ length: packages }, (_, number) => 1 / (1 + (number % 100)) ** 0.9);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const someFiles: string[] = [];
  let written = 0;
  for (const [number, weight] of weights.entries()) {
    const left = paths - written;
    const lines =
      number === packages - 1 ? left : Math.min(left, Math.max(12, Math.round((paths * weight) / total)));
    const contents = listContents(root, number, lines, someFiles);
    const folder = join(root, `var/db/pkg/category-${number % 40}/package${number}-1.${number % 7}`);
    mkdirSync(folder, { recursive: true });
    const files = {
      CONTENTS: contents.join(''),
      COUNTER: `${number}\n`,
      EAPI: '8\n',
      SLOT: `${number % 3}/1.${number % 7}\n`,
      USE: 'amd64 elibc_glibc kernel_linux nls\n',
      IUSE: '+nls doc static-libs test\n',
      RDEPEND: `>=category-${(number + 1) % 40}/package${number + 1}-1:= nls? ( category-1/package1 )\n`,
      repository: 'gentoo\n',
    };
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
    written += lines;
  }
  return { packages, paths: written, someFiles };
}

function listContents(root: string, number: number, lines: number, someFiles: string[]): string[] {
  const contents: string[] = SHARED.map((folder) => `dir ${folder}\n`);
  const homes = [
    `/usr/lib/python3.13/site-packages/package_${number}`,
    `/usr/share/package-${number}`,
    `/usr/include/package-${number}`,
  ];
  for (let folderNumber = 0; contents.length < lines; folderNumber++) {
    const home = homes[folderNumber % homes.length] as string;
    const folder = folderNumber < homes.length ? home : `${home}/${STEMS[folderNumber % 7]}_${folderNumber}`;
    mkdirSync(root + folder, { recursive: true });
    contents.push(`dir ${folder}\n`);
    for (let file = 0; file < 9 && contents.length < lines; file++) {
      const seed = number * 31 + folderNumber * 7 + file;
      const own = seed % 5 < 3 ? `-${STEMS[(seed >> 2) % 10]}-${number}_${folderNumber}` : `${seed % 1000}`;
      const path = `${folder}/${STEMS[seed % 10]}${own}${file}${ENDS[(seed >> 3) % 10]}`;
      const sum = (seed * 2654435761).toString(16).padStart(32, '0').slice(0, 32);
      contents.push(seed % 20 === 0 ? `sym ${path} -> ../x 1700000000\n` : `obj ${path} ${sum} 1700000000\n`);
      if (seed % 50 === 1) someFiles.push(path);
    }
  }
  return contents;
}
