import { expect, test } from 'vitest';
import { addInherit } from '../../server/src/ebuild/edit/inherit.ts';
import { parseEbuild } from '../../server/src/ebuild/facts.ts';
import { applyEdits } from '../../server/src/ebuild/text-edit.ts';
import { bash } from './bash.ts';

const add = (text: string, eclass = 'cmake'): string =>
  applyEdits(text, addInherit(parseEbuild(text, bash), eclass));

test.each([
  ['EAPI=8\n\ninherit xdg\n\nSLOT=0\n', 'EAPI=8\n\ninherit xdg cmake\n\nSLOT=0\n'],
  ['EAPI=8\n\ninherit a \\\n\tb # why\n', 'EAPI=8\n\ninherit a \\\n\tb cmake # why\n'],
  ['EAPI=8\ninherit a\ninherit b\n', 'EAPI=8\ninherit a\ninherit b cmake\n'],
  ['EAPI=8\n\nSLOT=0\n', 'EAPI=8\n\ninherit cmake\n\nSLOT=0\n'],
  ['EAPI=8\r\nSLOT=0\r\n', 'EAPI=8\r\n\r\ninherit cmake\r\nSLOT=0\r\n'],
  ['EAPI=8\n[[ x ]] && inherit git-r3\n', 'EAPI=8\n\ninherit cmake\n[[ x ]] && inherit git-r3\n'],
  ['EAPI=8\ninherit cmake\n', 'EAPI=8\ninherit cmake\n'],
  ['SLOT=0\n', 'SLOT=0\n'],
])('inheriting cmake, %j becomes %j', (before, after) => {
  expect(add(before)).toBe(after);
});

test('does not inherit an invalid name', () => {
  expect(add('EAPI=8\n', 'a b')).toBe('EAPI=8\n');
});
