/** The practice root without what is large, for tests that copy a root or make an image of one: they take time by its size. */
import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';

/** What neither a package manager nor a small C program needs. */
const LARGE = [
  'usr/bin/*-lto-dump*',
  'usr/bin/{cmake,cpack,ctest}',
  'usr/bin/*-{dwp,ld.gold}',
  'usr/lib/gcc/*/*/{cc1plus,lto1,lib*san.a,libstdc++.a}',
  'usr/lib/*/lib*san.so.*',
  'usr/lib/*/lib{c,crypto,db*,m-*,mvec,sqlite3,ssl,stdc++,z,xml2,expat,isl,gmp,mpfr}.a',
  'usr/lib/*/libicudata*',
  'usr/lib/*/perl*',
  'usr/lib/file',
  'usr/share/{cmake-*,doc,info,locale,man,perl*,python-wheels}',
];

const COMPILER = ['usr/lib/gcc', 'usr/bin/*-linux-gnu-*'];

/**
 * Copies a practice root.
 *
 * @param leaveOut absent: a C program can be built in it; `compiler`: it cannot
 */
export function copySmallRoot(from: string, to: string, leaveOut?: 'compiler'): void {
  mkdirSync(to, { recursive: true });
  const patterns = leaveOut === undefined ? LARGE : [...LARGE, ...COMPILER];
  const without = patterns.map((pattern) => `--exclude='./'${pattern}`).join(' ');
  execFileSync('bash', [
    '-fc',
    `set -o pipefail; tar -C '${from}/' ${without} -cf - . | tar -C '${to}' -xpf -`,
  ]);
}
