import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseAtom, printAtom } from '../../server/src/pms/atom.ts';
import { atomText, brokenText } from './arbitrary.ts';

describe('parseAtom (PMS 8.3)', () => {
  test('reads every part', () => {
    const { atom, errors } = parseAtom(
      '!!>=dev-libs/foo-bar-1.2_rc1-r3:0/5=::gentoo[ssl,-X(+),a=,!b=,c?,!d(-)?]',
    );
    expect(errors).toEqual([]);
    expect(atom).toEqual({
      blocker: '!!',
      operator: '>=',
      category: 'dev-libs',
      name: 'foo-bar',
      version: { numbers: ['1', '2'], letter: '', suffixes: [{ kind: 'rc', number: '1' }], revision: '3' },
      glob: false,
      slot: '0',
      subslot: '5',
      slotOperator: '=',
      repository: 'gentoo',
      use: [
        { flag: 'ssl', form: 'enabled', missing: '' },
        { flag: 'X', form: 'disabled', missing: '+' },
        { flag: 'a', form: 'equal', missing: '' },
        { flag: 'b', form: 'opposite', missing: '' },
        { flag: 'c', form: 'if-enabled', missing: '' },
        { flag: 'd', form: 'if-disabled', missing: '-' },
      ],
    });
  });

  test('a glob keeps its version', () => {
    const { atom } = parseAtom('=dev-lang/python-3.1*');
    expect(atom).toMatchObject({ operator: '=', name: 'python', glob: true });
    expect(atom?.version?.numbers).toEqual(['3', '1']);
  });

  test('a name may have hyphens and digits that are not a version', () => {
    expect(parseAtom('x11-libs/gtk+-d3').atom?.name).toBe('gtk+-d3');
    expect(parseAtom('media-libs/lib-1a-foo').atom?.name).toBe('lib-1a-foo');
  });

  // The text, the part that the error underlines, words of the message, and the rest of the atom.
  test.each([
    ['zlib', 'zlib', 'category/name', undefined],
    ['/zlib', '', 'lacks a category', undefined],
    ['dev-libs/', '', 'lacks a package name', undefined],
    ['-dev/foo', '-', 'cannot begin a category', undefined],
    ['dev-libs/fo&o', '&', 'cannot stand in a package name', undefined],
    ['dev-libs/foo/bar', '/', 'cannot stand in a package name', undefined],
    ['dev–libs/foo', '–', 'not the ASCII hyphen: write `-`', undefined],
    ['dev-libs/fóo', 'ó', '(U+00F3) cannot stand in a package name', undefined],
    ['dev-libs/fo😀', '😀', 'U+1F600', undefined],
    ['=dev-libs/foo-1-2', '-1', 'ends like a version', undefined],
    ['dev-libs/foo-1-2', '-1', 'ends like a version', undefined],
    ['!!!dev-libs/foo', '!', 'one or two exclamation marks', '!!dev-libs/foo'],
    ['>=dev-libs/foo', '>=', 'write >=dev-libs/foo-1.0 or remove `>=`', 'dev-libs/foo'],
    ['>=dev-libs/foo-1.2-beta3', '1.2-beta3', 'not a version', 'dev-libs/foo'],
    ['>=dev-libs/foo-1.2.', '1.2.', 'not a version', 'dev-libs/foo'],
    ['dev-libs/foo-1.2_beat3', '1.2_beat3', 'not a version', 'dev-libs/foo'],
    ['=>dev-libs/foo-1', '>', 'in the wrong place', undefined],
    ['dev-libs/foo>=1', '>', 'in the wrong place', undefined],
    ['>=', '>=', 'has a space after it', undefined],
    ['dev-libs/foo-1.2', '-1.2', 'without an operator', 'dev-libs/foo'],
    ['dev-libs/foo-1.2:0', '-1.2', 'or remove the version', 'dev-libs/foo:0'],
    ['=dev-libs/foo-1.2.*', '.', 'before `*`: remove it', '=dev-libs/foo-1.2*'],
    ['~dev-libs/foo-1-r2', '-r2', 'every revision', '~dev-libs/foo-1'],
    ['>=dev-libs/foo-1*', '*', 'goes only with `=`', '>=dev-libs/foo-1'],
    ['dev-libs/foo:', ':', 'slot is missing', 'dev-libs/foo'],
    ['dev-libs/foo:a/b/c', 'a/b/c', 'not a slot', 'dev-libs/foo'],
    ['dev-libs/foo:0*', '0*', 'not a slot', 'dev-libs/foo'],
    ['dev-libs/foo[ssl]:0', ':0', 'move `:0` before `[`', 'dev-libs/foo:0[ssl]'],
    ['dev-libs/foo::', '::', 'repository name', 'dev-libs/foo'],
    ['dev-libs/foo[ssl', '[', 'add `]`', 'dev-libs/foo[ssl]'],
    ['dev-libs/foo[]', '', 'flag is missing', 'dev-libs/foo'],
    ['dev-libs/foo[a,,b]', '', 'flag is missing', 'dev-libs/foo[a,b]'],
    ['dev-libs/foo[!a]', '!a', 'lacks its ending', 'dev-libs/foo'],
    ['dev-libs/foo[-a?]', '-a?', 'mixes two forms', 'dev-libs/foo'],
    ['dev-libs/foo[a(x)]', '(x)', 'not a default', 'dev-libs/foo'],
    ['dev-libs/foo[a?(+)]', '?', 'cannot stand in a USE flag', 'dev-libs/foo'],
    ['dev-libs/foo[a&b]', '&', 'cannot stand in a USE flag', 'dev-libs/foo'],
    ['dev-libs/foo[a,b,a(+)]', 'a(+)', 'twice with different defaults', 'dev-libs/foo[a,b]'],
    ['dev-libs/foo[a]b', 'b', 'does not belong', 'dev-libs/foo[a]'],
  ])('%s', (text, part, sentence, left) => {
    const { atom, errors } = parseAtom(text, 100);
    expect(errors).toHaveLength(1);
    const [error] = errors;
    expect(text.slice((error?.start ?? 0) - 100, (error?.end ?? 0) - 100)).toBe(part);
    expect(error?.message).toContain(sentence);
    expect(atom === undefined ? undefined : printAtom(atom)).toBe(left);
  });

  // Syntax of package managers or later EAPIs: the rules, the text, the underlined part, and the rest of the atom.
  test.each([
    [{ ebuild: true }, 'a/b::gentoo', '::gentoo', 'a/b'],
    [{ ebuild: true }, 'a/b:0/1=', ':0/1=', 'a/b:0='],
    [{ eapi: '0' }, 'a/b:0', ':0', 'a/b:0'],
    [{ eapi: '1' }, '!!a/b', '!!', '!!a/b'],
    [{ eapi: '1' }, 'a/b[c]', '[c', 'a/b[c]'],
    [{ eapi: '3' }, 'a/b[c(+)]', 'c(+)', 'a/b[c(+)]'],
    [{ eapi: '4' }, 'a/b:=', ':=', 'a/b:='],
  ] as const)('under %j %s', (rules, text, part, left) => {
    const { atom, errors } = parseAtom(text, 0, rules);
    expect(errors.map(({ start, end }) => text.slice(start, end))).toEqual([part]);
    expect(atom && printAtom(atom)).toBe(left);
    expect(parseAtom(text).errors).toEqual([]);
  });

  test.each(['7', '8', '9', 'unknown'])('EAPI %s has all features', (eapi) => {
    const text = '!!>=dev-libs/foo-1:0/1[ssl(+)?]';
    expect(parseAtom(text, 0, { eapi, ebuild: true }).errors).toEqual([]);
  });

  test('a valid atom prints as it was read', () => {
    fc.assert(
      fc.property(atomText, (text) => {
        const { atom, errors } = parseAtom(text);
        expect(errors).toEqual([]);
        expect(atom && printAtom(atom)).toBe(text);
      }),
      { numRuns: 1000 },
    );
  });

  test('is total, and gives valid atoms for broken text', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), brokenText), (text) => {
        const { atom, errors } = parseAtom(text);
        for (const error of errors) {
          expect(error.start).toBeGreaterThanOrEqual(0);
          expect(error.end).toBeGreaterThanOrEqual(error.start);
          expect(error.end).toBeLessThanOrEqual(text.length);
        }
        if (atom === undefined) expect(errors).not.toEqual([]);
        else expect(parseAtom(printAtom(atom))).toEqual({ atom, errors: [] });
      }),
      { numRuns: 2000 },
    );
  });
});
