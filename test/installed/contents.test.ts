import fc from 'fast-check';
import { expect, test } from 'vitest';
import { scanContents } from '../../server/src/installed/contents.ts';

const md5 = '0123456789abcdef0123456789abcdef';

function read(text: string | Buffer): { entries: string[]; damaged: number } {
  const bytes = Buffer.from(text);
  const entries: string[] = [];
  const damaged = scanContents(bytes, (type, start, end) =>
    entries.push(`${type} ${bytes.toString('latin1', start, end)}`),
  );
  return { entries, damaged };
}

test('paths with spaces and arrows are read from the end of the line', () => {
  const text = [
    'dir /usr/share/a b',
    `obj /usr/share/a b/c d ${md5} 1700000000`,
    'sym /usr/lib/libz.so -> libz.so.1 1700000000',
    'sym /usr/a -> b -> c 1',
    'sym /usr/old -> ../x (2053, 6292L, 41471, 1, 0, 0, 8L, 1108535742, 1108535742, 1108535742)',
    `obj /usr/share/x -> y ${md5} 1`,
    'fif /run/pipe',
    'dev /dev/null0',
    'dir /',
    '',
  ].join('\n');
  expect(read(text)).toEqual({
    damaged: 0,
    entries: [
      'dir /usr/share/a b',
      'obj /usr/share/a b/c d',
      'sym /usr/lib/libz.so',
      'sym /usr/a -> b',
      'sym /usr/old',
      'obj /usr/share/x -> y',
      'fif /run/pipe',
      'dev /dev/null0',
      'dir /',
    ],
  });
});

test.each([
  ['no checksum and time', 'obj /usr/a\n'],
  ['an unknown type', 'xyz /usr/b\n'],
  ['a relative path', `obj relative ${md5} 1\n`],
  ['no name', `obj /usr/ ${md5} 1\n`],
  ['a name that is ..', `obj /usr/.. ${md5} 1\n`],
  ['NUL', `obj /usr/a\0b ${md5} 1\n`],
  ['a carriage return', `obj /usr/a ${md5} 1\r\n`],
  ['cut off within a folder', 'dir /usr/sha'],
  ['longer than any path', `dir /${'x'.repeat(100_000)}\n`],
])('skips and counts a damaged line: %s', (_, line) => {
  expect(read(`dir /usr\n${line}`)).toEqual({ entries: ['dir /usr'], damaged: 1 });
});

test('a path keeps bytes that are not UTF-8', () => {
  const text = Buffer.from(`obj /usr/caf\xe9 ${md5} 1\n`, 'latin1');
  expect(read(text)).toEqual({ entries: ['obj /usr/caf\xe9'], damaged: 0 });
});

test('reads what was written', () => {
  const name = fc
    .string({ unit: 'binary', minLength: 1, maxLength: 20 })
    .filter((text) => !/[\0/\n]|^\.\.?$/.test(text));
  fc.assert(
    fc.property(fc.array(fc.array(name, { minLength: 1, maxLength: 4 })), (paths) => {
      const text = paths.map((names) => `obj /${names.join('/')} ${md5} 1\n`).join('');
      expect(read(text)).toEqual({
        damaged: 0,
        entries: paths.map((names) => `obj ${Buffer.from(`/${names.join('/')}`).toString('latin1')}`),
      });
    }),
  );
});
