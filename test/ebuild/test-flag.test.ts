import { expect, test } from 'vitest';
import { addTestFlag } from '../../server/src/ebuild/edit/test-flag.ts';
import { parseEbuild } from '../../server/src/ebuild/facts.ts';
import { applyEdits } from '../../server/src/ebuild/text-edit.ts';
import { bash } from './bash.ts';

const HEAD = 'EAPI=8\n\nLICENSE="MIT"\nSLOT="0"\nKEYWORDS="~amd64"\n';

test.each([
  ['\nRDEPEND="a/b"\n', 'IUSE="test"\nRESTRICT="!test? ( test )"\n\nRDEPEND="a/b"\n'],
  ['IUSE="doc ssl"\n', 'IUSE="doc ssl test"\nRESTRICT="!test? ( test )"\n'],
  ['IUSE="doc"\nRESTRICT="mirror"\n', 'IUSE="doc test"\nRESTRICT="mirror !test? ( test )"\n'],
  ['IUSE="test"\n', 'IUSE="test"\nRESTRICT="!test? ( test )"\n'],
  ['RESTRICT="!test? ( test )"\n', 'IUSE="test"\nRESTRICT="!test? ( test )"\n'],
  ['IUSE="test"\nRESTRICT="!test? ( test )"\n', 'IUSE="test"\nRESTRICT="!test? ( test )"\n'],
])('the flag test comes with its restriction: %j', (before, after) => {
  const text = HEAD + before;
  expect(applyEdits(text, addTestFlag(parseEbuild(text, bash)))).toBe(HEAD + after);
});
