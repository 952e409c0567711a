import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { describeDifferences } from '../../server/src/audit/image-difference.ts';
import { withoutBuildNoise } from '../../server/src/image/build-noise.ts';
import { compareImages, findUnstableFiles, listUncompared } from '../../server/src/image/compare-images.ts';
import { digestContent } from '../../server/src/image/content-digest.ts';
import { readImage } from '../../server/src/image/image-summary.ts';
import { createReadingBudget } from '../../server/src/image/reading-budget.ts';
import { processorTime } from '../support/processor-time.ts';

const folder = mkdtempSync(join(tmpdir(), 'images-'));
afterAll(() => rmSync(folder, { recursive: true }));

let images = 0;
/** Writes an image of some files and reads it. A text that begins with `-> ` is the target of a link. */
async function imageOf(files: Readonly<Record<string, string | Uint8Array>>) {
  const image = join(folder, `image-${images++}`);
  for (const [path, content] of Object.entries({ '/usr/bin/always': '#!/bin/sh\n', ...files })) {
    mkdirSync(dirname(image + path), { recursive: true });
    if (typeof content === 'string' && content.startsWith('-> ')) symlinkSync(content.slice(3), image + path);
    else writeFileSync(image + path, content);
  }
  return { image, summary: readImage(image) };
}

/** Describes the differences of an image from that of a build with less visible. */
async function difference(
  without: Readonly<Record<string, string | Uint8Array>>,
  withIt: Readonly<Record<string, string | Uint8Array>>,
): Promise<string[]> {
  const [before, after] = [await imageOf(without), await imageOf(withIt)];
  return compareImages(before.summary, after.summary).map((found) =>
    describeDifferences([found], 'dev-libs/x'),
  );
}

let programs = 0;
function compile(source: string, ...flags: string[]): Buffer {
  const base = join(folder, `program-${programs++}`);
  writeFileSync(`${base}.c`, source);
  execFileSync('cc', ['-o', base, `${base}.c`, ...flags]);
  return readFileSync(base);
}

describe('the same image', () => {
  const PROGRAM = '#include <stdio.h>\nint main(void) { puts("hello of " TIME); return 0; }';

  test('times, build identifiers and debugging information of programs do not count', async () => {
    const build = (time: string, ...flags: string[]) => compile(PROGRAM, `-DTIME="${time}"`, ...flags);
    expect(
      await difference(
        { '/usr/bin/hello': build('Nov 21 2026 11:27:24', '-Wl,--build-id=0x12345678') },
        { '/usr/bin/hello': build('Nov 22 2026 09:01:59', '-g', '-Wl,--build-id=0x87654321') },
      ),
    ).toEqual([]);
    expect(await difference({ '/usr/bin/hello': build('one') }, { '/usr/bin/hello': build('two') })).toEqual([
      'with dev-libs/x visible, /usr/bin/hello has different content',
    ]);
  });

  test('a static library is compared by its members', async () => {
    const archive = (value: number, time: number) => {
      const place = mkdtempSync(join(folder, 'ar-'));
      const [source, object, library] = ['a.c', 'a.o', 'lib.a'].map((name) => join(place, name)) as [
        string,
        string,
        string,
      ];
      writeFileSync(source, `int value(void) { return ${value}; }`);
      execFileSync('cc', ['-c', source, '-o', object]);
      utimesSync(object, time, time);
      execFileSync('ar', ['rcU', library, object]);
      return readFileSync(library);
    };
    const [old, later] = [archive(1, 1_000_000_000), archive(1, 1_500_000_000)];
    expect(old.equals(later)).toBe(false);
    expect(await difference({ '/usr/lib/lib.a': old }, { '/usr/lib/lib.a': later })).toEqual([]);
    expect(
      await difference({ '/usr/lib/lib.a': old }, { '/usr/lib/lib.a': archive(2, 1_000_000_000) }),
    ).toEqual(['with dev-libs/x visible, /usr/lib/lib.a has different content']);
  });

  test('compressed pages, generated dates, bytecode and its digests are normalised', async () => {
    const python = (time: number, text = 'x') => {
      const header = Buffer.alloc(16);
      header.writeUInt32LE(0x0a0d0dcb, 0);
      header.writeUInt32LE(time, 8);
      return Buffer.concat([header, Buffer.from(text)]);
    };
    const gzip = (text: string, time: number) => {
      const bytes = gzipSync(text);
      bytes.writeUInt32LE(time, 4);
      return bytes;
    };
    const build = (time: number, date: string, digest: string) => ({
      '/usr/share/man/man1/a.1.gz': gzip(`.TH A 1 "${date}"`, time),
      '/usr/share/doc/a/index.html': `<p>Generated on ${date} in /tmp/doc${time}/html</p>`,
      '/usr/lib/a/stamp': `built=${time}\n`,
      '/usr/lib/python3.13/site-packages/other.pyc': python(time),
      '/usr/lib/python3.13/site-packages/a.py': 'a = 1',
      '/usr/lib/python3.13/site-packages/__pycache__/a.cpython-313.opt-1.pyc': python(time, digest),
      '/usr/lib/python3.13/site-packages/a.dist-info/RECORD': `a.py,sha256=${digest},${time % 7}\nb,,\n`,
    });
    expect(
      await difference(
        build(1_700_000_000, 'Sat Nov 21 11:27:24 UTC 2026', 'abc'),
        build(1_700_000_999, 'Sun Nov 22 9:27:24 UTC 2026', 'def'),
      ),
    ).toEqual([]);
    expect(
      await difference(
        { '/usr/share/man/man1/a.1.gz': gzip('without png', 1) },
        { '/usr/share/man/man1/a.1.gz': gzip('with png', 1) },
      ),
    ).toEqual(['with dev-libs/x visible, /usr/share/man/man1/a.1.gz has different content']);
  });

  test('another version that looks like a time is a difference', async () => {
    const config = (text: string) => ({ '/usr/lib/pkgconfig/a.pc': `Version: ${text}\n` });
    for (const [before, after] of [
      ['20:1', '20:2'],
      ['10.20.30', '10.20.31'],
      ['1000000000.1', '1000000000.2'],
      ['libpng 1.6', 'libpng 1.7'],
    ] as const)
      expect(await difference(config(before), config(after))).toHaveLength(1);
  });
});

describe('another image', () => {
  const MAIN = 'int main(int n, char **v) { (void)v; return VALUE; }';

  test('a linked library is named, and the other differences that follow from it are not', async () => {
    const without = compile(MAIN, '-DVALUE=n');
    const withIt = compile(`double cos(double); ${MAIN}`, '-DVALUE=cos(n)>2', '-lm');
    expect(await difference({ '/usr/bin/hello': without }, { '/usr/bin/hello': withIt })).toEqual([
      'with dev-libs/x visible, /usr/bin/hello links libm.so.6',
    ]);
    expect(await difference({ '/usr/bin/hello': withIt }, { '/usr/bin/hello': without })).toEqual([
      'with dev-libs/x visible, /usr/bin/hello does not link libm.so.6',
    ]);
  });

  test('the symbols that a library defines and those that it uses are different findings', async () => {
    const library = (source: string) => compile(source, '-shared', '-fPIC', '-Wl,--no-as-needed', '-lc');
    const base = 'int first(void) { return 1; }';
    expect(
      await difference(
        { '/usr/lib64/libx.so.1': library(base) },
        { '/usr/lib64/libx.so.1': library(`${base} int png(void) { return 2; }`) },
      ),
    ).toEqual(['with dev-libs/x visible, /usr/lib64/libx.so.1 defines the symbol png']);
    expect(
      await difference(
        { '/usr/lib64/libx.so.1': library(`${base}int getpid(void); int id(void) { return 1; }`) },
        { '/usr/lib64/libx.so.1': library(`${base}int getpid(void); int id(void) { return getpid(); }`) },
      ),
    ).toEqual(['with dev-libs/x visible, /usr/lib64/libx.so.1 uses the symbol getpid']);
  });

  test('the most important comes first, and a folder stands for many files', async () => {
    const pages = Object.fromEntries([1, 2, 3, 4, 5, 6].map((n) => [`/usr/share/doc/a/html/${n}.html`, 'x']));
    const before = await imageOf({ '/etc/a.conf': 'png=no', '/usr/lib/a': '-> b', '/usr/bin/run': 'x' });
    const after = await imageOf({
      ...pages,
      '/etc/a.conf': 'png=yes',
      '/usr/lib/a': '-> c',
      '/usr/bin/run': 'x',
      '/usr/bin/png-tool': 'x',
    });
    chmodSync(join(after.image, 'usr/bin/run'), 0o4755);
    const found = compareImages(before.summary, await readImage(after.image));
    expect(found.map(({ aspect, path }) => `${aspect} ${path}`)).toEqual([
      'file /usr/bin/png-tool',
      'file /usr/share',
      'content /etc/a.conf',
      'mode /usr/bin/run',
      'link-target /usr/lib/a',
    ]);
    expect(describeDifferences(found, 'media-libs/libpng')).toBe(
      'with media-libs/libpng visible, /usr/bin/png-tool is installed, /usr/share is installed and there are 3 more differences',
    );
  });

  test('only unstable files do not count', async () => {
    const build = (chance: string, more = {}) =>
      imageOf({
        '/usr/lib/a/seed': chance,
        [`/usr/lib/a/cache/${chance}`]: 'x',
        '/usr/lib/a/cache/index': 'x',
        ...more,
      });
    const [first, control] = [await build('4kx'), await build('zz9')];
    const unstable = findUnstableFiles(first.summary, control.summary);
    const again = await build('p3q');
    expect(compareImages(first.summary, again.summary, unstable)).toEqual([]);
    const changed = await build('m0o', { '/usr/lib/a/png': 'x' });
    expect(compareImages(first.summary, changed.summary, unstable)).toEqual([
      { aspect: 'file', change: 'added', path: '/usr/lib/a/png' },
    ]);
  });
});

describe('a hostile image', () => {
  test('links are not followed, and closed, endless or deep files do no harm', async () => {
    const { image } = await imageOf({ '/etc/passwd': '-> /etc/passwd', '/usr/lib/all': '-> /' });
    writeFileSync(join(image, 'hole'), '');
    truncateSync(join(image, 'hole'), 2 ** 42);
    writeFileSync(join(image, 'closed'), 'x', { mode: 0 });
    execFileSync('mkfifo', [join(image, 'pipe')]);
    const deep = Array(1000).fill('d').join('/');
    mkdirSync(join(image, deep), { recursive: true });
    writeFileSync(join(image, 'bomb.gz'), gzipSync(Buffer.alloc(100 * 2 ** 20)));
    writeFileSync(Buffer.concat([Buffer.from(`${image}/`), Buffer.from([0xff, 0xfe])]), 'x');
    const { entries, describe: describeFile } = readImage(image);
    expect(entries.get('/etc/passwd')).toEqual({ type: 'link', mode: 0o777, target: '/etc/passwd' });
    expect(entries.get('/pipe')?.type).toBe('other');
    expect(entries.get('/hole')).toMatchObject({ bytes: undefined });
    expect(describeFile('/hole')).toEqual({ content: undefined });
    expect(describeFile('/bomb.gz').content).toMatch(/./);
    expect(entries.has('/\udcff\udcfe')).toBe(true);
    expect(entries.has(`/${deep}`)).toBe(true);
    expect([...entries.keys()].some((path) => path.startsWith('/usr/lib/all/'))).toBe(false);
  });

  test('any bytes have a digest, whatever format they claim', () => {
    const program = compile('int main(void) { return 0; }');
    const archive = Buffer.from(`!<arch>\n${'a/'.padEnd(48)}${'9999999999'}\`\nx`);
    const digest = (bytes: Buffer) =>
      digestContent(
        {
          name: 'x.pyc',
          size: bytes.length,
          read: (offset, length) => bytes.subarray(offset, offset + length),
        },
        createReadingBudget({ bytes: 2 ** 30, parts: 1000, milliseconds: 60_000 }),
      );
    const seeds = [program, archive, gzipSync('text'), Buffer.from('PK\x03\x04PK\x05\x06'.padEnd(40))];
    fc.assert(
      fc.property(
        fc.constantFrom(...seeds),
        fc.nat(),
        fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 8 }),
        (seed, cut, changes) => {
          const bytes = Buffer.from(seed.subarray(0, 1 + (cut % seed.length)));
          for (const [at, value] of changes) bytes[at % bytes.length] = value;
          expect(digest(bytes)).toHaveLength(43);
          expect(digest(bytes)).toBe(digest(Buffer.from(bytes)));
        },
      ),
      { numRuns: 300 },
    );
  });

  test('a file that cannot be read within the limits is compared by its size, and that is said', async () => {
    const bomb = (text: string) => {
      const member = gzipSync(Buffer.alloc(2 ** 20, `${text} `));
      const header = `${'m/'.padEnd(48)}${String(member.length).padEnd(10)}\`\n`;
      const pair = Buffer.concat([Buffer.from(header), member, Buffer.alloc(member.length % 2)]);
      return Buffer.concat([Buffer.from('!<arch>\n'), ...Array.from({ length: 40 }, () => pair)]);
    };
    const limits = { bytes: 16 * 2 ** 20, parts: 10_000, milliseconds: 60_000 };
    const read = async (text: string, name = 'file') => {
      const { image } = await imageOf({ '/usr/lib/libbomb.a': bomb(text), [`/usr/share/${name}`]: text });
      return readImage(image, limits);
    };
    const [first, again, other] = [await read('one'), await read('one'), await read('two')];
    // What is the same byte for byte need not be understood.
    expect(compareImages(first, again)).toEqual([]);
    expect(listUncompared(first, again)).toEqual([]);
    expect(compareImages(first, other).map(({ path }) => path)).toEqual(['/usr/share/file']);
    expect(listUncompared(first, other)).toEqual(['/usr/lib/libbomb.a']);
    // Time, like any other limit, costs knowledge of contents, and never a file.
    const late = readImage((await imageOf({ '/usr/share/file': 'one' })).image, {
      ...limits,
      milliseconds: -1,
    });
    expect([...late.entries.keys()]).toContain('/usr/share/file');
    expect(listUncompared(late, first)).toContain('/usr/share/file');
  });

  test('the pattern of dates and temporary names takes a time that grows with the text only', () => {
    const parts = ['1', '1 ', '-', ':', '/tmp/', 'a', 'Jan ', 'Sat Nov 21 ', '12:', '2026-01-01T', '1.', '.'];
    const time = (part: string, length: number) => {
      const text = part.repeat(length / part.length);
      return processorTime(() => withoutBuildNoise(text));
    };
    for (const part of parts) expect(time(part, 2 ** 21), part).toBeLessThan(3 * time(part, 2 ** 20) + 100);
  });
});
