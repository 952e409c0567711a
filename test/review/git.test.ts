import { expect, test } from 'vitest';
import { parseRawDiff, parseTreeList } from '../../server/src/review/git.ts';

const line = (status: string, ...paths: string[]) =>
  [`:100644 100644 ${'1'.repeat(40)} ${'2'.repeat(40)} ${status}`, ...paths, ''].join('\0');

test('a raw difference is read whatever the names are', () => {
  expect(
    parseRawDiff(
      line('A', ':100644 100644 1 2 D') +
        line('R097', 'a\nb', 'c "d"\t') +
        line('D', '-x') +
        line('C100', 'from', 'to') +
        line('T', 'link') +
        line('U', 'conflict'),
    ),
  ).toEqual([
    { status: 'added', path: ':100644 100644 1 2 D' },
    { status: 'renamed', from: 'a\nb', path: 'c "d"\t' },
    { status: 'removed', path: '-x' },
    { status: 'added', path: 'to' },
    { status: 'changed', path: 'link' },
    { status: 'changed', path: 'conflict' },
  ]);
});

test('a broken difference gives what can be read', () => {
  expect(parseRawDiff('')).toEqual([]);
  expect(parseRawDiff('nonsense\0a\0')).toEqual([]);
  expect(parseRawDiff(line('M', 'a') + line('R100', 'b').slice(0, -1))).toEqual([
    { status: 'changed', path: 'a' },
  ]);
});

test('the list of a tree gives the contents of regular files, whatever their names are', () => {
  const id = 'a'.repeat(40);
  const list = [
    `100644 blob ${id}\ta\tb\n"c"`,
    `100755 blob ${id}\td`,
    `120000 blob ${id}\tlink`,
    `160000 commit ${id}\tsub`,
    '',
  ];
  expect([...parseTreeList(list.join('\0')).keys()]).toEqual(['a\tb\n"c"', 'd']);
  expect([...parseTreeList('').keys()]).toEqual([]);
});
