import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addUseFlag } from '../../server/src/ebuild/edit/use-flag.ts';
import { parseEbuild } from '../../server/src/ebuild/facts.ts';
import { staticMetadata } from '../../server/src/ebuild/static-metadata.ts';
import { applyEdits } from '../../server/src/ebuild/text-edit.ts';
import { useFlag } from '../pms/arbitrary.ts';
import { bash } from './bash.ts';

const add = (text: string, flag = 'png'): string =>
  applyEdits(text, addUseFlag(parseEbuild(text, bash), flag));

describe('addUseFlag', () => {
  test.each([
    ['IUSE="doc ssl"\n', 'IUSE="doc png ssl"\n'],
    ['IUSE="+doc -nls"\n', 'IUSE="+doc -nls png"\n'],
    ['IUSE="ssl"\n', 'IUSE="png ssl"\n'],
    ['IUSE="ssl doc"\n', 'IUSE="ssl doc png"\n'],
    ['IUSE=""\n', 'IUSE="png"\n'],
    ['IUSE="\n\tdoc\n\tssl\n"\n', 'IUSE="\n\tdoc png\n\tssl\n"\n'],
    ['IUSE="doc"\nIUSE+=" ssl"\n', 'IUSE="doc png"\nIUSE+=" ssl"\n'],
    ['IUSE="+png"\n', 'IUSE="+png"\n'],
    ['IUSE=doc\n', 'IUSE=doc\n'],
    ['SLOT=0\n', 'SLOT=0\n'],
    ['if x; then\n\tIUSE="doc"\nfi\n', 'if x; then\n\tIUSE="doc"\nfi\n'],
  ])('%j becomes %j', (before, after) => {
    expect(add(before)).toBe(after);
  });

  test('does not add an invalid flag', () => {
    expect(add('IUSE="doc"\n', 'a b')).toBe('IUSE="doc"\n');
  });

  test('IUSE has its flags and the new one', () => {
    fc.assert(
      fc.property(fc.uniqueArray(useFlag), useFlag, fc.constantFrom(' ', '\n\t'), (flags, flag, between) => {
        const before = `IUSE="${flags.join(between)}"\n`;
        const iuse = staticMetadata(parseEbuild(add(before, flag), bash)).iuse;
        expect([...(iuse ?? [])].sort()).toEqual([...new Set([...flags, flag])].sort());
      }),
    );
  });
});
