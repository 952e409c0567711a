import { describe, expect, test } from 'vitest';
import { findUnknownSettings } from '../../server/src/lsp/settings.ts';
import { createFixture, TEXT, URI } from './fakes.ts';

const settled = () => new Promise((resolve) => setTimeout(resolve, 0));
const limitsOf = (it: ReturnType<typeof createFixture>) =>
  (it.statuses.at(-1)?.limits ?? []).map(({ kind, text, mend }) => [kind, text, mend] as const);

describe('what is not checked is in the status', () => {
  test('a trusted workspace with everything has no limits', async () => {
    const it = createFixture();
    it.trust();
    it.edit(TEXT, 1);
    await settled();
    expect(it.statuses.at(-1)).toEqual({ uri: URI, state: 'unknown', message: 'No trial has been run yet.' });
  });

  test('the reasons of the checker, sent again when they change and only then', async () => {
    const it = createFixture();
    it.trust();
    it.edit(TEXT, 1);
    await settled();
    it.setLimits([{ kind: 'reading', text: 'It is still being read' }]);
    expect(limitsOf(it)).toEqual([['reading', 'It is still being read', undefined]]);
    const { length } = it.statuses;
    it.setStatic(() => []);
    expect(it.statuses).toHaveLength(length);
    it.setLimits([]);
    expect(it.statuses).toHaveLength(length + 1);
    expect(limitsOf(it)).toEqual([]);
  });

  test('a root that is unpacked for minutes, which neither stops the findings of the text nor the end of the server', async () => {
    const it = createFixture();
    it.trust();
    it.setSettings({ root: '/made/stage3.erofs' });
    it.edit('EAPI=8\nRDEPEND="dev-libs/foo-1.2"\n', 1);
    await settled();
    expect(limitsOf(it)).toEqual([
      [
        'reading',
        'Only the text of the ebuild is checked so far. The root /made/stage3.erofs is unpacked',
        undefined,
      ],
    ]);
    expect(it.published.at(-1)?.diagnostics.map(({ code }) => code)).toEqual(['invalid-atom']);
    it.unpackings[0]?.();
    await settled();
    expect(limitsOf(it)).toEqual([]);
    expect(it.made.map(({ root }) => root)).toEqual(['/made/stage3.erofs']);
    it.setSettings({ root: '/made/another.erofs' });
    await settled();
    await it.server.stop();
    expect(it.closed()).toBe(1);
    it.unpackings[1]?.();
    await settled();
    expect(it.closed()).toBe(2);
  });

  test('a root that does not exist, until the setting is corrected', async () => {
    const it = createFixture();
    it.trust();
    it.setSettings({ root: '/absent' });
    it.edit(TEXT, 1);
    await settled();
    expect(limitsOf(it)).toEqual([
      ['setting', 'Only the text of the ebuild is checked. The root /absent does not exist', undefined],
    ]);
    it.edit('EAPI=8\nRDEPEND="dev-libs/foo-1.2"\n', 2);
    expect(it.published.at(-1)?.diagnostics.map(({ code }) => code)).toEqual(['invalid-atom']);
    it.setSettings({ root: '/gentoo' });
    await settled();
    expect(limitsOf(it)).toEqual([]);
    it.setSettings({ root: '/gentoo', jobs: 0 });
    await settled();
    expect(limitsOf(it)).toMatchObject([
      [
        'setting',
        expect.stringMatching(
          /^The settings before it still apply\. The setting ebuildAudit\.jobs is invalid: /,
        ),
        { kind: 'setting', name: 'jobs' },
      ],
    ]);
    it.setSettings({ root: '/gentoo' });
    await settled();
    expect(limitsOf(it)).toEqual([]);
  });

  test('a workspace that is not trusted, or of which the editor says nothing', async () => {
    const it = createFixture();
    it.edit(TEXT, 1);
    await settled();
    expect(limitsOf(it).map(([kind]) => kind)).toEqual(['untrusted']);
    it.setSettings({ pkgcheck: 'off' });
    await settled();
    expect(limitsOf(it)).toEqual([]);
    it.distrust();
    it.edit(TEXT, 2);
    expect(limitsOf(it)).toMatchObject([['untrusted', expect.any(String), { kind: 'trust' }]]);
  });

  test('a document that is not saved', async () => {
    const it = createFixture();
    it.edit(TEXT, 1, 'untitled:Untitled-1');
    await settled();
    expect(limitsOf(it).map(([kind]) => kind)).toEqual(['no-repository']);
  });
});

describe('settings that do not exist', () => {
  const said = (value: unknown) =>
    findUnknownSettings(value).map(({ text, remedy }) => `${text}: ${remedy}.`);

  test('are named, with the one that is nearly the same', () => {
    expect(said({ rot: '/', limits: { memry: '1G', time: '1h' }, colour: 1 })).toEqual([
      'The setting ebuildAudit.rot has no effect, because there is none of that name: perhaps you mean ebuildAudit.root.',
      'The setting ebuildAudit.limits.memry has no effect, because there is none of that name: perhaps you mean ebuildAudit.limits.memory.',
      'The setting ebuildAudit.colour has no effect, because there is none of that name: remove it.',
    ]);
  });

  test.each([
    [undefined],
    ['text'],
    [{}],
    [{ root: null, limits: 3, storage: [1], nothing: null }],
    [{ trace: { server: 'verbose' }, quickTrials: true }],
  ])('%j has none', (value) => {
    expect(said(value)).toEqual([]);
  });

  test('never throws and stays short', () => {
    expect(
      said(Object.fromEntries(Array.from({ length: 1000 }, (_, index) => [`x${index}`, {}]))),
    ).toHaveLength(5);
  });
});
