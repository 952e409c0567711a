import { describe, expect, test } from 'vitest';
import type { CodeAction, TextDocumentEdit, TextEdit } from 'vscode-languageserver';
import { TextDocument } from 'vscode-languageserver-textdocument';
import type { Finding } from '../../server/src/audit/finding.ts';
import { TRIAL_KIND } from '../../server/src/lsp/code-actions.ts';
import { makeKnowledge } from '../audit/world.ts';
import { createFixture, makeRecord, URI } from './fakes.ts';

const TEXT = 'EAPI=8\n\nDEPEND="old/name"\n';
const settled = () => new Promise((resolve) => setTimeout(resolve, 0));

/** Finds `old/name` and offers a fix, which is a guess if `guess` is set. */
function findOld(text: string, guess = false): Finding[] {
  const start = text.indexOf('old/name');
  if (start < 0) return [];
  const range = { start, end: start + 8 };
  const fix = { title: 'Rename to new/name', edits: [{ ...range, newText: 'new/name' }] };
  return [
    {
      code: 'package-moved',
      severity: 'error',
      message: 'old/name has been moved.',
      range,
      evidence: [],
      about: [],
      fix: guess ? { ...fix, guess: true } : fix,
    },
  ];
}

const actionsAt = (it: ReturnType<typeof createFixture>, only?: string[]) =>
  it.server
    .codeActions({
      textDocument: { uri: URI },
      range: { start: { line: 2, character: 9 }, end: { line: 2, character: 9 } },
      context: { diagnostics: [], ...(only === undefined ? {} : { only }) },
    })
    .filter(({ kind }) => kind !== TRIAL_KIND);
const apply = (document: TextDocument, action: CodeAction | undefined) =>
  TextDocument.applyEdits(
    document,
    ((action?.edit?.documentChanges?.[0] as TextDocumentEdit | undefined)?.edits ?? []) as TextEdit[],
  );

describe('static findings', () => {
  test('come without a trial, for the root that is set, again when more is known, and go when mended', async () => {
    const it = createFixture();
    it.setSettings({ root: '/gentoo' });
    const document = it.edit(TEXT, 1);
    await settled();
    expect(it.made).toEqual([{ root: '/gentoo', pkgcheck: 'auto', trusted: false }]);
    expect(it.published.at(-1)?.diagnostics).toEqual([]);

    it.setStatic((_file, text) => findOld(text));
    expect(it.published.at(-1)).toMatchObject({
      uri: URI,
      version: 1,
      diagnostics: [
        {
          code: 'package-moved',
          source: 'ebuild-audit',
          severity: 1,
          range: { start: { line: 2, character: 8 }, end: { line: 2, character: 16 } },
          codeDescription: { href: expect.stringMatching(/\/docs\/findings\/package-moved\.md$/) },
        },
      ],
    });
    expect(it.statuses.at(-1)?.state).toBe('unknown');

    const [action] = actionsAt(it);
    expect(action).toMatchObject({ title: 'Rename to new/name', isPreferred: true });
    const fixed = apply(document, action);
    expect(fixed).toBe('EAPI=8\n\nDEPEND="new/name"\n');
    it.edit(fixed, 2);
    expect(it.published.at(-1)).toMatchObject({ version: 2, diagnostics: [] });
  });

  test('stand beside those of a trial in the order of the text, and fix-all mends both but makes no guess', async () => {
    const it = createFixture();
    const document = it.edit(TEXT, 1);
    await settled();
    it.setStatic((_file, text) => findOld(text));
    const result = it.server.runTrial({ uri: URI });
    (await it.started(1)).finish(makeRecord(TEXT, ['media-libs/libpng']));
    await result;
    expect(it.published.at(-1)?.diagnostics.map(({ code }) => code)).toEqual([
      'missing-depend',
      'package-moved',
    ]);
    const all = () => actionsAt(it, ['source.fixAll'])[0];
    expect(apply(document, all())).toBe('EAPI=8\n\nDEPEND="\n\tmedia-libs/libpngnew/name"\n');
    it.setStatic((_file, text) => findOld(text, true));
    expect(apply(document, all())).toBe('EAPI=8\n\nDEPEND="\n\tmedia-libs/libpngold/name"\n');
    expect(actionsAt(it).at(-1)).not.toHaveProperty('isPreferred');
  });

  test('what pkgcheck finds says so', async () => {
    const it = createFixture();
    it.edit(TEXT, 1);
    await settled();
    const [moved] = findOld(TEXT);
    if (moved === undefined) throw new Error('nothing found');
    it.setStatic(() => [{ ...moved, code: 'pkgcheck:RedundantVersion', source: 'pkgcheck' }]);
    expect(it.published.at(-1)?.diagnostics[0]).toMatchObject({
      code: 'pkgcheck:RedundantVersion',
      source: 'pkgcheck',
    });
  });

  test('a new document has those of its text alone', () => {
    const it = createFixture();
    it.edit('EAPI=8\nDEPEND="dev-libs/foo-1.2"\n', 1, 'untitled:Untitled-1');
    expect(it.published.at(-1)?.diagnostics.map(({ code }) => code)).toEqual(['invalid-atom']);
    expect(it.made).toEqual([]);
  });

  test('an eclass has none; a wrong setting is logged', async () => {
    const it = createFixture();
    it.setSettings({ packageManager: 'apt' });
    it.edit(TEXT, 1, 'untitled:Untitled-1');
    it.edit(TEXT, 1, 'file:///repo/eclass/foo.eclass');
    await settled();
    expect(it.made).toEqual([]);
    it.edit(TEXT, 1);
    await settled();
    expect(it.made).toEqual([]);
    expect(it.logged).toEqual([expect.stringContaining('ebuildAudit.packageManager')]);
  });

  test('files that change, and texts that are saved, are told; stopping closes the checker', async () => {
    const it = createFixture();
    const document = it.edit(TEXT, 1);
    await settled();
    it.server.filesChanged(['file:///repo/profiles/categories', 'untitled:x']);
    it.server.saved(document);
    expect(it.changedFiles).toEqual(['/repo/profiles/categories']);
    expect(it.saved).toEqual(['/repo/media-gfx/foo/foo-1.ebuild']);
    await it.server.stop();
    expect(it.closed()).toBe(1);
  });
});

describe('a change of', () => {
  test('the root makes another checker, and what is open is checked again', async () => {
    const it = createFixture();
    it.setSettings({ root: '/old' });
    it.edit(TEXT, 1);
    await settled();
    it.setStatic((_file, text) => findOld(text));
    const before = it.published.length;
    it.setSettings({ root: '/new' });
    await settled();
    expect(it.made.map(({ root }) => root)).toEqual(['/old', '/new']);
    expect(it.closed()).toBe(1);
    expect(it.published.length).toBeGreaterThan(before);
    expect(it.published.at(-1)).toMatchObject({ uri: URI, diagnostics: [{ code: 'package-moved' }] });
  });

  test('nothing makes none, nor does one that comes before an ebuild is open', async () => {
    const it = createFixture();
    it.setSettings({ root: '/gentoo' });
    await settled();
    expect(it.made).toEqual([]);
    it.edit(TEXT, 1);
    await settled();
    it.setSettings({ root: '/gentoo', unknown: 1 });
    await settled();
    expect(it.made).toHaveLength(1);
  });

  test('the root to one that cannot be used is logged, the findings stay, and the next is tried', async () => {
    const it = createFixture();
    it.edit(TEXT, 1);
    await settled();
    it.setStatic((_file, text) => findOld(text));
    it.setSettings({ root: '/absent' });
    await settled();
    expect(it.logged).toEqual(['The root /absent does not exist.']);
    expect(it.closed()).toBe(0);
    expect(it.published.at(-1)?.diagnostics).toHaveLength(1);
    it.setSettings({ root: '/gentoo' });
    await settled();
    expect(it.made.map(({ root }) => root)).toEqual(['', '/gentoo']);
  });

  test('the trust in the workspace lets code of the ebuilds run', async () => {
    const it = createFixture();
    it.edit(TEXT, 1);
    await settled();
    it.trust();
    await settled();
    expect(it.made.map(({ trusted }) => trusted)).toEqual([false, true]);
    await it.server.stop();
    expect(it.closed()).toBe(2);
  });
});

describe('completion', () => {
  test('replaces the whole word and keeps the order', async () => {
    const it = createFixture();
    it.edit(TEXT, 1);
    await settled();
    it.setKnowledge(makeKnowledge(['old/names-2', 'old/nameless-1']));
    const position = { line: 2, character: 15 };
    expect(it.server.completion({ textDocument: { uri: URI }, position })).toEqual({
      isIncomplete: false,
      items: [
        expect.objectContaining({
          label: 'old/names',
          detail: '2',
          sortText: '0',
          textEdit: {
            range: { start: { line: 2, character: 8 }, end: { line: 2, character: 16 } },
            newText: 'old/names',
          },
        }),
        expect.objectContaining({ label: 'old/nameless', sortText: '1' }),
      ],
    });
  });

  test('is empty where nothing is known', () => {
    const it = createFixture();
    const position = { line: 0, character: 0 };
    expect(it.server.completion({ textDocument: { uri: URI }, position }).items).toEqual([]);
  });
});

describe('other edits', () => {
  const OTHERS: Finding = {
    code: 'unused',
    severity: 'hint',
    message: 'old/name is not used.',
    range: { start: TEXT.indexOf('old/name'), end: TEXT.indexOf('old/name') + 8 },
    evidence: [],
    about: ['old/name'],
    fix: { title: 'Remove old/name', edits: [{ start: 16, end: 24, newText: '' }], guess: true },
    alternatives: [{ title: 'Ignore it', edits: [{ start: 8, end: 8, newText: '# why\n' }], guess: true }],
  };

  test('are offered after the first, none is preferred, and fix-all makes none of them', async () => {
    const it = createFixture();
    const document = it.edit(TEXT, 1);
    await settled();
    it.setStatic(() => [OTHERS]);
    const actions = actionsAt(it);
    expect(actions.map(({ title, isPreferred }) => [title, isPreferred])).toEqual([
      ['Remove old/name', undefined],
      ['Ignore it', undefined],
    ]);
    expect(apply(document, actions[1])).toBe('EAPI=8\n\n# why\nDEPEND="old/name"\n');
    expect(actionsAt(it, ['source.fixAll.ebuildAudit'])).toEqual([]);
  });

  test.each([true, false])(
    'what is not used is faded where the client can do so: %s',
    async (unnecessaryTag) => {
      const it = createFixture({ unnecessaryTag });
      it.edit(TEXT, 1);
      await settled();
      it.setStatic(() => [OTHERS]);
      const [diagnostic] = it.published.at(-1)?.diagnostics ?? [];
      expect(diagnostic).toMatchObject({ code: 'unused', severity: 4 });
      expect((diagnostic as { tags?: number[] } | undefined)?.tags).toEqual(unnecessaryTag ? [1] : undefined);
    },
  );

  test('another ignore file has open ebuilds looked at again', async () => {
    const it = createFixture();
    it.edit(TEXT, 1);
    await settled();
    const before = it.published.length;
    it.server.filesChanged(['file:///repo/metadata/ebuild-audit.ignore']);
    expect(it.published.length).toBe(before + 1);
    await it.server.stop();
  });
});
