import { describe, expect, test } from 'vitest';
import { isLive } from '../../server/src/pms/version.ts';
import { findOrigin, parseEbuildPath } from '../../server/src/review/ebuild-path.ts';

const parse = (path: string) => {
  const parsed = parseEbuildPath(path);
  if (parsed === undefined) throw new Error(`${path} is no ebuild`);
  return parsed;
};

describe('the path of an ebuild', () => {
  test('may lie below a folder, and may be misnamed', () => {
    expect(parse('dev-libs/foo/foo-1.2-r1.ebuild')).toMatchObject({
      repository: '',
      package: 'dev-libs/foo',
    });
    expect(parse('over/lay/dev-libs/foo/foo-1.ebuild')).toMatchObject({
      repository: 'over/lay/',
      package: 'dev-libs/foo',
    });
    expect(parse('dev-libs/foo/bar-1.ebuild').version).toBeUndefined();
    expect(parse('dev-libs/foo/foo-1.x.ebuild').version).toBeUndefined();
    expect(parse('dev\nlibs/foo/foo-1.ebuild').package).toBe('dev\nlibs/foo');
  });

  test.each(['foo-1.ebuild', 'foo/foo-1.ebuild', 'dev-libs/foo/Manifest', 'eclass/foo.eclass', ''])(
    'is not %j',
    (path) => {
      expect(parseEbuildPath(path)).toBeUndefined();
    },
  );
});

test.each([
  ['9999', true],
  ['1.9999', true],
  ['1.2_pre9999', true],
  ['1_p20260101', false],
  ['99999999', true],
  ['9999-r1', true],
  ['999', false],
  ['9999.1', false],
])('version %s is live: %s', (version, expected) => {
  const parsed = parse(`a/b/b-${version}.ebuild`).version;
  expect(parsed && isLive(parsed)).toBe(expected);
});

describe('a new version was made from', () => {
  const origin = (added: string, others: readonly string[]) => {
    const path = (version: string) => parse(`dev-libs/foo/foo-${version}.ebuild`);
    return findOrigin(path(added), others.map(path))?.path.slice(
      'dev-libs/foo/foo-'.length,
      -'.ebuild'.length,
    );
  };
  test.each([
    ['the nearest lower one', '2', ['1', '1.10', '1.9', '3'], '1.10'],
    ['the one before the revision', '1-r1', ['1', '0.9'], '1'],
    ['a lower one rather than a live one', '2', ['9999', '0.1'], '0.1'],
    ['a live one if there is no lower one', '1', ['2', '9999'], '9999'],
    ['the newest release for a live one', '9999', ['1', '2', '1.5'], '2'],
    ['the other live one', '2.9999', ['9999', '3'], '9999'],
    ['nothing if all are newer', '1', ['2', '3'], undefined],
    ['nothing in a new package', '1', [], undefined],
    ['nothing like itself', '1', ['1'], undefined],
    ['one that can be read, if others are misnamed', '2', ['1.x', '1'], '1'],
  ])('%s', (_, added, others, expected) => {
    expect(origin(added, others)).toBe(expected);
  });
});
