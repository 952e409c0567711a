import { expect, test } from 'vitest';
import { UserError } from '../../server/src/errors/user-error.ts';
import { exhaustionOf } from '../../server/src/files/exhaustion.ts';
import { SandboxError } from '../../server/src/sandbox/sandbox.ts';

test.each([
  ['an ebuild', new UserError('A distfile is missing.'), 'same'],
  ['a setting', new UserError('There is no root.', { mend: { kind: 'setting', name: 'root' } }), 'all'],
  ['a lost worker', new UserError('The server is gone.', { reach: 'passing' }), 'passing'],
  ['a sandbox that does not work', new SandboxError('no-bwrap', 'There is none.'), 'all'],
  ['a build that was killed', new SandboxError('disturbed', 'It was killed.'), 'passing'],
  ['a full disk', new SandboxError('disk-full', 'It is full.'), 'passing'],
  ['a machine without descriptors', exhaustionOf({ code: 'EMFILE' }), 'passing'],
] as const)('an error of %s says what else it meets', (_, error, reach) => {
  expect(error?.reach).toBe(reach);
});
