import { expect, test } from 'vitest';
import { createFixture, URI } from './fakes.ts';

test('the doctor looks with the settings of the editor, and no name from the machine acts on the reader', async () => {
  const it = createFixture();
  it.setSettings({ root: '/gentoo', quikTrials: true });
  expect((await it.server.doctor({ uri: URI })).document.split('\n')).toEqual([
    '# Ebuild Audit doctor',
    '',
    '    warning  Settings  The setting ebuildAudit.quikTrials has no effect, because there is none of that name: perhaps you mean ebuildAudit.quickTrials.',
    '    ok       Root      /gentoo',
    '    problem  File      /repo/media-gfx/foo/foo-1.ebuild',
    '                       → open \\u{202e}one',
    '',
    '    1 problem and 1 warning: trials cannot run until the problems are mended.',
    '',
  ]);
});

test('settings that are wrong are named, and left out', async () => {
  const it = createFixture();
  it.setSettings({ root: '/gentoo', jobs: 'many' });
  const { document } = await it.server.doctor({ uri: 'untitled:Untitled-1' });
  expect(document).toMatch(
    /problem {2}Settings {2}The setting ebuildAudit\.jobs is invalid: .* What follows is without them\./,
  );
  expect(document).toMatch(/ok {7}Root {6}\n/);
  expect(document).toMatch(/File {6}none/);
});
