import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { openElf } from '../../server/src/image/elf/elf-file.ts';
import { readNeedsOfElf } from '../../server/src/image/elf/elf-needs.ts';
import { markUsedLibraries, readImageNeeds } from '../../server/src/image/image-needs.ts';
import { interpreterOf } from '../../server/src/image/language-module.ts';

const image = mkdtempSync(join(tmpdir(), 'image-'));
afterAll(() => rmSync(image, { recursive: true }));

describe('ELF files', () => {
  const readElfNeeds = (bytes: Uint8Array) => {
    const elf = openElf((offset, length) => bytes.subarray(offset, offset + length));
    return elf && readNeedsOfElf(elf);
  };
  const compile = (name: string, ...flags: string[]) => {
    const source = join(image, `${name}.c`);
    writeFileSync(source, 'double cos(double); int main(int n, char **v) { (void)v; return cos(n) > 2; }');
    const output = join(image, name);
    execFileSync('cc', [source, '-o', output, ...flags]);
    rmSync(source);
    return readFileSync(output);
  };

  test('DT_NEEDED, DT_SONAME and the loader are read', () => {
    const program = readElfNeeds(compile('program', '-Wl,--no-as-needed', '-lm'));
    expect(program?.needed).toEqual(['libm.so.6', 'libc.so.6']);
    expect(program?.interpreter).toMatch(/ld-linux/);
    const library = readElfNeeds(
      compile('library', '-shared', '-fPIC', '-Wl,-soname,libx.so.2', '-Wl,--no-as-needed', '-lm'),
    );
    expect(library).toMatchObject({ soname: 'libx.so.2', interpreter: undefined });
  });

  test('a damaged file is read as far as it goes, and never throws', () => {
    const whole = compile('whole', '-lm');
    fc.assert(
      fc.property(fc.nat(whole.length), fc.nat(whole.length - 1), fc.nat(255), (length, at, byte) => {
        const bytes = Buffer.from(whole.subarray(0, length));
        if (at < bytes.length) bytes[at] = byte;
        readElfNeeds(bytes);
      }),
      { numRuns: 300 },
    );
    expect(readElfNeeds(Buffer.from('#!/bin/sh'))).toBeUndefined();
  });
});

test('an image needs libraries that it does not have, and the interpreters of its programs', () => {
  const root = join(image, 'D');
  for (const folder of ['usr/bin', 'usr/lib64/pkgconfig', 'usr/share/doc', 'usr/share/suite'])
    mkdirSync(join(root, folder), { recursive: true });
  const script = (path: string, first: string) => {
    writeFileSync(join(root, path), `${first}\n`);
    chmodSync(join(root, path), 0o755);
  };
  writeFileSync(join(image, 'own.c'), 'int own(void) { return 1; }');
  execFileSync('cc', [
    join(image, 'own.c'),
    '-shared',
    '-fPIC',
    '-Wl,-soname,libown.so.1',
    '-o',
    join(root, 'usr/lib64/libown.so.1.0'),
  ]);
  writeFileSync(join(image, 'use.c'), 'int own(void); int main(void) { return own(); }');
  execFileSync('cc', [
    join(image, 'use.c'),
    join(root, 'usr/lib64/libown.so.1.0'),
    '-o',
    join(root, 'usr/bin/use'),
  ]);
  script('usr/bin/tool', '#!/usr/bin/env python3');
  script('usr/bin/plain', '#! /bin/sh -e');
  script('usr/bin/typed', '#!/usr/bin/env -S LC_ALL=C tclsh8.6 -encoding utf-8');
  script('usr/bin/own-language', '#!/usr/bin/tool');
  script('usr/share/doc/example.py', '#!/usr/bin/python2');
  script('usr/share/suite/helper', '#!/usr/bin/perl');
  script('usr/share/suite/hook.sample', '#!/usr/bin/ruby');
  script(
    'usr/lib64/pkgconfig/own.pc',
    ['base=lib', 'Requires: ${base}png >= 1.6, zlib, part', 'Requires.private: expat'].join('\n'),
  );
  script('usr/lib64/pkgconfig/part.pc', 'Requires:');
  expect(readImageNeeds(root).needs.filter((need) => need.wanted !== 'libc.so.6')).toEqual([
    { user: '/usr/bin/plain', kind: 'interpreter', wanted: '/bin/sh' },
    { user: '/usr/bin/tool', kind: 'interpreter', wanted: 'python3' },
    { user: '/usr/bin/typed', kind: 'interpreter', wanted: 'tclsh8.6' },
    { user: '/usr/lib64/pkgconfig/own.pc', kind: 'pkg-config', wanted: 'libpng' },
    { user: '/usr/lib64/pkgconfig/own.pc', kind: 'pkg-config', wanted: 'zlib' },
    { user: '/usr/share/suite/helper', kind: 'interpreter', wanted: '/usr/bin/perl' },
  ]);
});

test('a module needs the interpreter of its folder, and a few modules show it', () => {
  const root = join(image, 'modules');
  const place = 'usr/lib/python3.12/site-packages/own';
  const names = [
    ...['a.py', 'b.py', 'c.py', 'c.so', 'py.typed'].map((name) => `${place}/${name}`),
    'usr/lib64/perl5/vendor_perl/5.40/Own.pm',
    'usr/share/own/plugin.py',
  ];
  for (const name of names) {
    mkdirSync(join(root, dirname(name)), { recursive: true });
    writeFileSync(join(root, name), '');
  }
  const module = (user: string, wanted: string) => ({ user: `/${user}`, kind: 'module', wanted });
  expect(readImageNeeds(root).needs).toEqual([
    ...['a.py', 'b.py', 'c.so'].map((name) => module(`${place}/${name}`, 'python3.12')),
    module('usr/lib64/perl5/vendor_perl/5.40/Own.pm', 'perl'),
  ]);
  // An image that brings the interpreter itself needs no other.
  mkdirSync(join(root, 'usr/bin'));
  for (const name of ['python3.12', 'perl']) writeFileSync(join(root, 'usr/bin', name), '');
  expect(readImageNeeds(root).needs).toEqual([]);
});

test.each([
  ['/usr/lib/python3.12/site-packages/own.py', 'python3.12'],
  ['/usr/lib64/python3.12/site-packages/own/_own.cpython-312-x86_64-linux-gnu.so', 'python3.12'],
  ['/usr/lib/python3/dist-packages/own/__init__.py', 'python3'],
  ['/usr/local/lib/python3.11/dist-packages/own.cpython-311-x86_64-linux-gnu.so', 'python3.11'],
  ['/usr/lib/pypy3.10/site-packages/own.py', 'pypy3.10'],
  ['/usr/lib64/perl5/vendor_perl/5.40/x86_64-linux/auto/Own/Own.so', 'perl'],
  ['/usr/share/perl5/Own.pm', 'perl'],
  ['/usr/lib/x86_64-linux-gnu/perl5/5.36/Own.pm', 'perl'],
  ['/usr/lib64/ruby/vendor_ruby/own.rb', undefined],
  ['/usr/lib64/ruby/gems/3.2.0/gems/own-1/lib/own.rb', 'ruby32'],
  ['/usr/lib64/lua/5.4/own.so', 'lua5.4'],
  ['/usr/share/lua/5.1/own.lua', undefined],
  ['/usr/lib/python3.12/site-packages/own-1.dist-info/METADATA', undefined],
  ['/usr/lib/python3.12/own.py', undefined],
  ['/usr/share/own/own.py', undefined],
  ['/opt/own/lib/python3.12/site-packages/own.py', undefined],
  ['/usr/share/doc/own/perl5/Own.pm', undefined],
])('%s is a module for %s', (path, program) => expect(interpreterOf(path)).toBe(program));

test('a library that is linked without a use of its symbols is not used', () => {
  const root = join(image, 'over-linked');
  mkdirSync(join(root, 'usr/bin'), { recursive: true });
  const library = (name: string, symbol: string) => {
    const source = join(image, `${name}.c`);
    writeFileSync(source, `int ${symbol}(void) { return 1; }`);
    execFileSync('cc', [source, '-shared', '-fPIC', `-Wl,-soname,${name}`, '-o', join(image, name)]);
    return join(image, name);
  };
  const [used, idle] = [library('libused.so.1', 'used'), library('libidle.so.1', 'idle')];
  writeFileSync(join(image, 'main.c'), 'int used(void); int main(void) { return used(); }');
  const program = join(root, 'usr/bin/program');
  execFileSync('cc', [join(image, 'main.c'), '-Wl,--no-as-needed', used, idle, '-o', program]);
  const files = new Map(['libused.so.1', 'libidle.so.1'].map((soname) => [soname, join(image, soname)]));
  const user = '/usr/bin/program';
  expect(markUsedLibraries(readImageNeeds(root), files)).toEqual([
    { user, kind: 'library', wanted: 'libc.so.6' },
    { user, kind: 'library', wanted: 'libidle.so.1', symbols: [] },
    { user, kind: 'library', wanted: 'libused.so.1', symbols: ['used'] },
  ]);
});

test('an image with more files than the limits allow is read in part', () => {
  const root = join(image, 'many');
  mkdirSync(join(root, 'usr/bin'), { recursive: true });
  for (const name of ['a', 'b', 'c']) writeFileSync(join(root, 'usr/bin', name), '#!/bin/sh\n');
  const limits = { bytes: 2 ** 20, parts: 10, milliseconds: 10_000 };
  expect(readImageNeeds(root, limits)).toMatchObject({ needs: { length: 3 }, isWhole: true });
  expect(readImageNeeds(root, { ...limits, parts: 4 })).toMatchObject({
    needs: { length: 2 },
    isWhole: false,
  });
  expect(readImageNeeds(root, { ...limits, bytes: 50 })).toMatchObject({ isWhole: false });
  expect(readImageNeeds(root, { ...limits, milliseconds: -1 })).toMatchObject({ isWhole: false });
});
