import { expect, test } from 'vitest';
import { dropSettings } from '../../server/src/sharing/read-configuration.ts';

const OWN = /^(?:MAKEOPTS|GENTOO_MIRRORS)=/;

test('comments, empty lines and own settings are dropped, also over several lines', () => {
  const text = `# mine
CFLAGS="-O2"

MAKEOPTS="-j4"
  GENTOO_MIRRORS='https://a
    https://b'
USE="x
  y"
MAKEOPTS=-j2
LAST=1`;
  expect(dropSettings(text, OWN)).toBe('CFLAGS="-O2"\nUSE="x\ny"\nLAST=1');
});

test('an open quote does not hide what follows in a file that is otherwise the same', () => {
  expect(dropSettings('MAKEOPTS="-j4\nUSE=x\n', OWN)).not.toBe(dropSettings('USE=x\n', OWN));
});
