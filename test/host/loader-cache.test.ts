import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { digestLoaderCache } from '../../server/src/host/loader-cache.ts';

let folder: string;
let cache: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ebuild-audit-loader-'));
  cache = join(folder, 'ld.so.cache');
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Library and path, in the order in which the loader finds them. */
type Entries = readonly (readonly [library: string, path: string])[];

/** Writes the cache as ldconfig does. */
function writeCache(entries: Entries, before = Buffer.alloc(0)): void {
  const texts: string[] = [];
  const start = 48 + entries.length * 24;
  const place = (text: string): number => {
    const at = start + Buffer.byteLength(texts.join(''));
    texts.push(`${text}\0`);
    return at;
  };
  const lines = entries.map(([library, path]) => {
    const line = Buffer.alloc(24);
    line.writeInt32LE(0x0303, 0);
    line.writeUInt32LE(place(library), 4);
    line.writeUInt32LE(place(path), 8);
    return line;
  });
  const header = Buffer.alloc(48);
  header.write('glibc-ld.so.cache1.1', 'latin1');
  header.writeUInt32LE(entries.length, 20);
  header.writeUInt32LE(Buffer.byteLength(texts.join('')), 24);
  writeFileSync(cache, Buffer.concat([before, header, ...lines, Buffer.from(texts.join(''))]));
}

const BASE: Entries = [
  ['libz.so.1', '/usr/lib64/libz.so.1'],
  ['libc.so.6', '/lib64/libc.so.6'],
];
const digest = (...named: readonly string[]) => digestLoaderCache(cache, (name) => named.includes(name));

describe('of the cache of the loader, a run depends', () => {
  test('on the libraries that it named, and on their order', () => {
    writeCache(BASE);
    const [before, without] = [digest('libz.so.1', 'main.c'), digest('main.c')];
    writeCache([['libnew.so.2', '/usr/lib64/libnew.so.2'], ...BASE]);
    expect([digest('libz.so.1'), digest('main.c')]).toEqual([before, without]);
    const other = ['libz.so.1', '/usr/lib/gcc/14/libz.so.1'] as const;
    writeCache([other, ...BASE]);
    const first = digest('libz.so.1');
    writeCache([...BASE, other]);
    expect(new Set([before, first, digest('libz.so.1')]).size).toBe(3);
  });

  test('on a library that it looked for and that was not there', () => {
    writeCache(BASE);
    const before = digest('libnew.so.2');
    writeCache([...BASE, ['libnew.so.2', '/opt/new/libnew.so.2']]);
    expect(digest('libnew.so.2')).not.toBe(before);
  });

  test('on all of it, if the program was there that prints it', () => {
    writeCache(BASE);
    const before = digest('ldconfig');
    writeCache([...BASE, ['libnew.so.2', '/opt/new/libnew.so.2']]);
    expect(digest('ldconfig')).not.toBe(before);
  });

  test('on all of it, if it has a form that is not known', () => {
    writeFileSync(cache, 'ld.so-1.7.0 of long ago');
    const before = digest('libz.so.1');
    writeFileSync(cache, 'ld.so-1.7.0 of long past');
    expect(digest('libz.so.1')).not.toBe(before);
    writeCache(BASE);
    const whole = digest('libz.so.1');
    writeCache(BASE, Buffer.from('ld.so-1.7.0\0an older cache before it'));
    expect(digest('libz.so.1')).toBe(whole);
    rmSync(cache);
    expect(digest('libz.so.1')).toBe('absent');
  });
});

test.runIf(existsSync('/etc/ld.so.cache'))('the cache of this machine is understood', () => {
  const of = (...named: string[]) => digestLoaderCache('/etc/ld.so.cache', (name) => named.includes(name));
  expect(of('libc.so.6')).not.toBe(of('none'));
  expect(of('none')).toBe(of('neither'));
  expect(of('none')).not.toBe(of('ldconfig'));
});
