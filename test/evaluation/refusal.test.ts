import { expect, test } from 'vitest';
import { findUnreadable } from '../../server/src/evaluation/refusal.ts';

test('a file of /etc/portage that Portage may not read is not a mistake of the ebuild', () => {
  const output = `Traceback (most recent call last):
  File "/usr/lib/python3.13/site-packages/portage/util/__init__.py", line 689, in grablines
    raise PermissionDenied(myfilename)
portage.exception.PermissionDenied: /etc/portage/package.use/zz-local
`;
  expect(findUnreadable(output)).toBe('/etc/portage/package.use/zz-local');
});

test.each([
  'portage.exception.PermissionDenied: /etc/shadow',
  'portage.exception.PermissionDenied: /etc/portage/gnupg/private-keys-v1.d',
  'portage.exception.PermissionDenied: /etc/portage/make.conf; rm -r /',
  'portage.exception.PermissionDenied: /etc/portage/package.use/../../shadow',
  'the ebuild says: PermissionDenied: /etc/portage/make.conf',
])('an ebuild cannot have the user open another file to everybody: %s', (output) => {
  expect(findUnreadable(output)).toBeUndefined();
});
