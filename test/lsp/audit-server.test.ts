import { describe, expect, test } from 'vitest';
import type { CodeAction, CodeActionParams, TextDocumentEdit, TextEdit } from 'vscode-languageserver';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { TRIAL_KIND } from '../../server/src/lsp/code-actions.ts';
import { SandboxError } from '../../server/src/sandbox/sandbox.ts';
import { createFixture, makeRecord, TEXT, URI } from './fakes.ts';

/** Waits until promises that need no timer have settled. */
const settled = () => new Promise((resolve) => setTimeout(resolve, 5));

/** The actions without those that run a trial, which every ebuild has. */
const quickFixes = (it: ReturnType<typeof createFixture>, params: CodeActionParams) =>
  it.server.codeActions(params).filter(({ kind }) => kind !== TRIAL_KIND);

const WHOLE = { start: { line: 0, character: 0 }, end: { line: 99, character: 0 } };

/** Applies an action whose edit is for exactly this version of the document. */
function applyAction(document: TextDocument, action: CodeAction | undefined): string {
  const change = action?.edit?.documentChanges?.[0] as TextDocumentEdit;
  expect(change.textDocument).toEqual({ uri: document.uri, version: document.version });
  return TextDocument.applyEdits(document, change.edits as TextEdit[]);
}

describe('a trial', () => {
  test('shows findings as they are found, then the result', async () => {
    const it = createFixture();
    it.edit(TEXT, 1);
    expect(it.statuses.at(-1)).toMatchObject({ uri: URI, state: 'unknown' });
    const result = it.server.runTrial({ uri: URI });
    const run = await it.started(1);
    expect(run.request).toEqual({
      file: '/repo/media-gfx/foo/foo-1.ebuild',
      text: TEXT,
      fresh: false,
      quick: false,
    });
    expect(it.statuses.at(-1)?.state).toBe('running');

    run.listener.progress({ phase: 'compile', elapsed: 12_345, packagesSeen: 14 });
    expect(it.progress[0]?.text).toEqual(['compile (step 4 of 6) · 12 s · 14 packages']);

    run.listener.record(makeRecord(TEXT, ['media-libs/libpng'], { outcome: 'running' }));
    expect(it.published.at(-1)).toMatchObject({
      uri: URI,
      version: 1,
      diagnostics: [
        {
          code: 'missing-depend',
          source: 'ebuild-audit',
          severity: 1,
          range: { start: { line: 2, character: 0 }, end: { line: 2, character: 6 } },
          message: 'needs media-libs/libpng',
          codeDescription: { href: expect.stringMatching(/\/docs\/findings\/missing-depend\.md$/) },
          relatedInformation: [
            {
              location: { uri: URI },
              message:
                'src_compile › make › gcc looked for /usr/include/libpng.h, which was hidden (2 times)',
            },
          ],
        },
      ],
    });
    expect(it.statuses.at(-1)?.state).toBe('running');

    run.finish(makeRecord(TEXT, ['media-libs/libpng']));
    expect(await result).toEqual({
      outcome: 'findings',
      message: '1 finding.',
      log: '/logs/foo-1.log',
      hasSafeFixes: true,
    });
    expect(it.statuses.at(-1)).toMatchObject({
      uri: URI,
      state: 'findings',
      message: '1 finding.',
      log: '/logs/foo-1.log',
    });
    expect(it.progress[0]?.isDone).toBe(true);
  });

  test('links the evidence to the line of the log that shows it', async () => {
    const it = createFixture();
    it.places.set('/usr/include/libpng.h', { file: '/logs/foo.log', line: 41, column: 7, length: 8 });
    it.edit(TEXT, 1);
    const result = it.server.runTrial({ uri: URI });
    (await it.started(1)).finish(makeRecord(TEXT, ['media-libs/libpng']));
    await result;
    expect(it.published.at(-1)?.diagnostics[0]).toMatchObject({
      relatedInformation: [
        {
          location: {
            uri: 'file:///logs/foo.log',
            range: { start: { line: 41, character: 7 }, end: { line: 41, character: 15 } },
          },
        },
      ],
    });
  });

  test('puts the evidence into the message for a client without related information', async () => {
    const it = createFixture({ relatedInformation: false });
    it.edit(TEXT, 1);
    const result = it.server.runTrial({ uri: URI });
    (await it.started(1)).finish(makeRecord(TEXT, ['media-libs/libpng']));
    await result;
    expect(it.published.at(-1)?.diagnostics[0]?.message).toMatch(
      /^needs media-libs\/libpng\nsrc_compile › make › gcc /,
    );
  });

  test('is clean only when it passed, nothing is missing and the text is the one that was built', async () => {
    const it = createFixture();
    it.edit(TEXT, 1);
    const first = it.server.runTrial({ uri: URI });
    const run = await it.started(1);
    it.edit(`${TEXT}# more\n`, 2);
    run.finish(makeRecord(TEXT, []));
    expect((await first).outcome).toBe('not-verified');
    it.edit(TEXT, 3);
    expect(it.statuses.at(-1)?.state).toBe('clean');
  });

  test('says what could not be watched even when clean', async () => {
    const it = createFixture();
    it.edit(TEXT, 1);
    const result = it.server.runTrial({ uri: URI });
    (await it.started(1)).finish(makeRecord(TEXT, [], { gaps: ['a 32-bit process'] }));
    expect((await result).message).toContain('a 32-bit process');
  });

  test('that fails without a finding says why', async () => {
    const it = createFixture();
    it.edit(TEXT, 1);
    const result = it.server.runTrial({ uri: URI });
    const failure = { phase: 'unpack', firstError: 'foo.tar.gz: not found' };
    (await it.started(1)).finish(makeRecord(TEXT, [], { outcome: 'failed', failure }));
    expect(await result).toMatchObject({
      outcome: 'failed',
      message: 'No missing dependency explains the failure: the unpack phase failed: foo.tar.gz: not found',
    });
    expect(it.statuses.at(-1)?.state).toBe('failed');
  });

  test('that could not be run gives its one sentence without a stack, and the next trial forgets it', async () => {
    const it = createFixture();
    it.edit(TEXT, 1);
    const result = it.server.runTrial({ uri: URI });
    (await it.started(1)).fail(new SandboxError('no-bwrap', 'Install bubblewrap.'));
    const mend = { kind: 'doctor' };
    expect(await result).toEqual({ outcome: 'not-tried', message: 'Install bubblewrap.', mend });
    expect(it.statuses.at(-1)).toMatchObject({
      uri: URI,
      state: 'not-tried',
      message: 'Install bubblewrap.',
      mend,
    });
    expect(it.logged).toEqual([]);
    const next = it.server.runTrial({ uri: URI });
    (await it.started(2)).finish(makeRecord(TEXT, []));
    expect((await next).outcome).toBe('clean');
    expect(it.statuses.at(-1)?.state).toBe('clean');
  });

  test('that breaks unexpectedly leaves its stack in the log', async () => {
    const it = createFixture();
    it.edit(TEXT, 1);
    const result = it.server.runTrial({ uri: URI });
    (await it.started(1)).fail(new RangeError('oops'));
    expect(await result).toEqual({
      outcome: 'failed',
      message:
        'Ebuild Audit has a defect (RangeError: oops): please report it with the stack in the log of the language server.',
    });
    expect(it.logged[0]).toMatch(/RangeError: oops\n +at /);
  });

  test('with a wrong setting names the setting', async () => {
    const it = createFixture();
    it.setSettings({ jobs: -1 });
    it.edit(TEXT, 1);
    expect((await it.server.runTrial({ uri: URI })).message).toContain('ebuildAudit.jobs');
  });
});

describe('the document', () => {
  test('is built as it is in the editor, saved or not', async () => {
    const it = createFixture();
    it.files.set('/repo/media-gfx/foo/foo-1.ebuild', 'on disk');
    it.edit('in the editor', 1);
    const result = it.server.runTrial({ uri: URI });
    const run = await it.started(1);
    expect(run.request.text).toBe('in the editor');
    run.finish(makeRecord('in the editor', []));
    await result;
  });

  test('is read from disk when it is not open', async () => {
    const it = createFixture();
    it.files.set('/repo/media-gfx/foo/foo-1.ebuild', TEXT);
    const result = it.server.runTrial({ uri: URI });
    const run = await it.started(1);
    expect(run.request.text).toBe(TEXT);
    run.finish(makeRecord(TEXT, []));
    expect((await result).outcome).toBe('clean');
  });

  test.each([
    ['untitled:Untitled-1', 'Save the ebuild into a repository first'],
    ['git:/repo/media-gfx/foo/foo-1.ebuild', 'git:'],
    ['file:///repo/eclass/foo.eclass', 'ends in .ebuild'],
    ['file:///absent/foo/foo-1.ebuild', 'cannot be read'],
  ])('%s is refused with a clear sentence', async (uri, sentence) => {
    const it = createFixture();
    const result = await it.server.runTrial({ uri });
    expect(result.outcome).toBe('failed');
    expect(result.message).toContain(sentence);
    expect(it.runs).toEqual([]);
  });

  describe('has findings that belong to the ebuild and not to its tab:', () => {
    async function closeAfterTrial(saved: string | undefined) {
      const it = createFixture();
      const path = URI.slice('file://'.length);
      if (saved !== undefined) it.files.set(path, saved);
      it.edit(TEXT, 1);
      const result = it.server.runTrial({ uri: URI });
      (await it.started(1)).finish(makeRecord(TEXT, ['media-libs/libpng']));
      await result;
      it.server.closed(URI);
      await settled();
      return { ...it, path };
    }

    test('they stay when it is closed, and are there when it is opened again', async () => {
      const it = await closeAfterTrial(TEXT);
      expect(it.published.at(-1)).toMatchObject({ uri: URI, diagnostics: [{ code: 'missing-depend' }] });
      it.edit(TEXT, 1);
      expect(it.published.at(-1)?.diagnostics).toHaveLength(1);
    });

    test('they are those of the saved text, if changes were thrown away', async () => {
      const it = await closeAfterTrial(TEXT.replace('DEPEND=""', 'DEPEND="media-libs/libpng"'));
      expect(it.published.at(-1)).toEqual({ uri: URI, diagnostics: [] });
    });

    test('they follow the file: another text is judged, and they go with the file', async () => {
      const it = await closeAfterTrial(TEXT);
      it.files.set(it.path, `# one more line\n${TEXT}`);
      it.server.filesChanged([URI]);
      await settled();
      expect(it.published.at(-1)?.diagnostics).toMatchObject([{ range: { start: { line: 3 } } }]);
      it.files.delete(it.path);
      it.server.filesChanged([URI]);
      await settled();
      expect(it.published.at(-1)).toEqual({ uri: URI, diagnostics: [] });
    });

    test('without a file they are gone', async () => {
      const it = await closeAfterTrial(undefined);
      expect(it.published.at(-1)).toEqual({ uri: URI, diagnostics: [] });
    });
  });

  describe('keeps the findings of the trial before,', () => {
    /** An ebuild with a finding, and a second trial that runs. */
    async function runAgain() {
      const it = createFixture();
      it.edit(TEXT, 1);
      const first = it.server.runTrial({ uri: URI });
      const found = makeRecord(TEXT, ['media-libs/libpng']);
      (await it.started(1)).finish(found);
      await first;
      const second = it.server.runTrial({ uri: URI });
      const run = await it.started(2);
      const shown = () => it.published.at(-1)?.diagnostics.map(({ message }) => message);
      return { ...it, found, second, run, shown };
    }

    test('greyed, until the running one has found them too', async () => {
      const it = await runAgain();
      it.run.listener.record({ ...makeRecord(TEXT, []), outcome: 'running' });
      expect(it.shown()).toEqual(['Of the trial before: needs media-libs/libpng']);
      expect(it.published.at(-1)?.diagnostics).toMatchObject([{ severity: 3, tags: [1] }]);
      it.run.listener.record({ ...it.found, outcome: 'running' });
      expect(it.shown()).toEqual(['needs media-libs/libpng']);
      it.run.finish(it.found);
      await it.second;
      expect(it.shown()).toEqual(['needs media-libs/libpng']);
    });

    test('until the running one has ended without them', async () => {
      const it = await runAgain();
      it.run.listener.record({ ...makeRecord(TEXT, []), outcome: 'running' });
      it.run.finish(makeRecord(TEXT, []));
      await it.second;
      expect(it.shown()).toEqual([]);
    });

    test('and has them again when the running one is cancelled', async () => {
      const it = await runAgain();
      it.run.listener.record({ ...makeRecord(TEXT, ['other/one']), outcome: 'running' });
      it.server.cancelTrial(URI);
      expect((await it.second).outcome).toBe('cancelled');
      expect(it.shown()).toEqual(['needs media-libs/libpng']);
      expect(it.statuses.at(-1)?.state).toBe('findings');
    });
  });

  test('has none that stay for an ebuild that was never tried', () => {
    const it = createFixture();
    it.edit(TEXT, 1);
    it.server.closed(URI);
    expect(it.published.at(-1)).toEqual({ uri: URI, diagnostics: [] });
  });
});

const IGNORE = 'Ignore missing-depend in this ebuild (needs a reason)';

describe('a quick fix', () => {
  async function withFindings(atoms: string[]) {
    const it = createFixture();
    const document = it.edit(TEXT, 7);
    const result = it.server.runTrial({ uri: URI });
    (await it.started(1)).finish(makeRecord(TEXT, atoms));
    await result;
    return { it, document };
  }

  test('adds the atom, and the squiggle clears at once without a trial', async () => {
    const { it, document } = await withFindings(['media-libs/libpng']);
    const diagnostic = it.published.at(-1)?.diagnostics[0];
    const [action, ...others] = quickFixes(it, {
      textDocument: { uri: URI },
      range: { start: { line: 2, character: 3 }, end: { line: 2, character: 3 } },
      context: { diagnostics: [] },
    });
    expect(others.map(({ title }) => title)).toEqual([IGNORE]);
    expect(action).toMatchObject({
      title: 'Add media-libs/libpng to DEPEND',
      kind: 'quickfix',
      isPreferred: true,
    });
    expect(action?.diagnostics).toEqual([diagnostic]);
    const fixed = applyAction(document, action);
    expect(fixed).toBe('EAPI=8\n\nDEPEND="\n\tmedia-libs/libpng"\n');
    it.edit(fixed, 8);
    expect(it.published.at(-1)).toEqual({ uri: URI, version: 8, diagnostics: [] });
    expect(it.statuses.at(-1)?.state).toBe('not-verified');
    expect(it.runs).toHaveLength(1);
  });

  test('that mends two findings is offered once, for both', async () => {
    const { it } = await withFindings(['media-libs/libpng', 'media-libs/libpng']);
    const actions = quickFixes(it, {
      textDocument: { uri: URI },
      range: WHOLE,
      context: { diagnostics: [] },
    });
    expect(actions.map(({ title }) => title)).toEqual(['Add media-libs/libpng to DEPEND', IGNORE]);
    expect(actions[0]?.diagnostics).toEqual(it.published.at(-1)?.diagnostics);
    expect(actions[0]?.diagnostics).toHaveLength(2);
  });

  test('is for the text as it is now, not as it was judged', async () => {
    const { it } = await withFindings(['media-libs/libpng']);
    const moved = it.edit(`# a line\n${TEXT}`, 8);
    const [action] = quickFixes(it, {
      textDocument: { uri: URI },
      range: { start: { line: 3, character: 0 }, end: { line: 3, character: 0 } },
      context: { diagnostics: [] },
    });
    expect(applyAction(moved, action)).toBe('# a line\nEAPI=8\n\nDEPEND="\n\tmedia-libs/libpng"\n');
  });

  test('is not offered elsewhere, for another kind, or once the atom is there', async () => {
    const { it } = await withFindings(['media-libs/libpng']);
    const ask = (range: typeof WHOLE, only?: string[]) =>
      quickFixes(it, {
        textDocument: { uri: URI },
        range,
        context: { diagnostics: [], ...(only ? { only } : {}) },
      });
    expect(ask({ start: { line: 0, character: 0 }, end: { line: 0, character: 2 } })).toEqual([]);
    expect(ask(WHOLE, ['refactor'])).toEqual([]);
    expect(ask(WHOLE, ['quickfix'])).toHaveLength(2);
    it.edit('DEPEND="media-libs/libpng"\n', 8);
    expect(ask(WHOLE)).toEqual([]);
  });

  test('of all findings is one edit, though each inserts at the same place', async () => {
    const { it, document } = await withFindings(['media-libs/libpng', 'dev-libs/zstd', 'app-arch/xz']);
    const [action, ...others] = quickFixes(it, {
      textDocument: { uri: URI },
      range: WHOLE,
      context: { diagnostics: [], only: ['source.fixAll'] },
    });
    expect(others).toEqual([]);
    const fixed = applyAction(document, action);
    expect(fixed).toBe('EAPI=8\n\nDEPEND="\n\tapp-arch/xz\n\tdev-libs/zstd\n\tmedia-libs/libpng"\n');
    it.edit(fixed, 8);
    expect(it.published.at(-1)?.diagnostics).toEqual([]);
  });
});

describe('what is stored', () => {
  const FILE = '/repo/media-gfx/foo/foo-1.ebuild';
  const storedAt = Date.now() - 3 * 60 * 60_000;

  test('is judged against the text as soon as the ebuild is opened', async () => {
    const it = createFixture();
    it.stored.set(FILE, { record: makeRecord(TEXT, ['media-libs/libpng'], { storedAt }), change: undefined });
    it.edit(TEXT, 1);
    await new Promise(setImmediate);
    expect(it.published.at(-1)?.diagnostics).toHaveLength(1);
    expect(it.statuses.at(-1)).toMatchObject({
      state: 'findings',
      message: '1 finding. (Result of the trial 3 hours ago.)',
      log: '/logs/foo-1.log',
    });
    it.edit('DEPEND="media-libs/libpng"\n', 2);
    expect(it.published.at(-1)?.diagnostics).toEqual([]);
    expect(it.statuses.at(-1)?.state).toBe('not-verified');
    expect(it.runs).toEqual([]);
  });

  test('is not verified where something else than the text has changed since', async () => {
    const it = createFixture();
    it.stored.set(FILE, { record: makeRecord(TEXT, [], { storedAt }), change: 'an eclass' });
    it.edit(TEXT, 1);
    await new Promise(setImmediate);
    expect(it.statuses.at(-1)).toMatchObject({
      state: 'not-verified',
      message:
        'An eclass has changed since the last trial 3 hours ago: run another trial to verify the dependencies.',
    });
  });

  test('does not take the place of what a trial has seen meanwhile', async () => {
    const it = createFixture();
    it.stored.set(FILE, { record: makeRecord('older', ['stale/package'], { storedAt }), change: undefined });
    it.edit(TEXT, 1);
    const result = it.server.runTrial({ uri: URI });
    (await it.started(1)).finish(makeRecord(TEXT, []));
    await result;
    await new Promise(setImmediate);
    expect(it.statuses.at(-1)?.state).toBe('clean');
  });

  test('makes a clean ebuild unverified when an eclass is written', async () => {
    const it = createFixture();
    it.edit(TEXT, 1);
    const result = it.server.runTrial({ uri: URI });
    (await it.started(1)).finish(makeRecord(TEXT, []));
    await result;
    it.stored.set(FILE, { record: makeRecord(TEXT, [], { storedAt }), change: 'an eclass' });
    it.server.filesChanged(['file:///repo/media-gfx/foo/foo-2.ebuild']);
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(it.statuses.at(-1)?.state).toBe('clean');
    it.server.filesChanged(['file:///repo/eclass/foo.eclass']);
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(it.statuses.at(-1)?.state).toBe('not-verified');
    await it.server.stop();
  });

  test('is passed over when a fresh trial is asked for', async () => {
    const it = createFixture();
    it.edit(TEXT, 1);
    const result = it.server.runTrial({ uri: URI, fresh: true });
    const run = await it.started(1);
    expect(run.request.fresh).toBe(true);
    run.finish(makeRecord(TEXT, []));
    await result;
  });
});

describe('how much a trial is to find out', () => {
  test.each([
    ['what the settings say', {}, { quickTrials: true }, { quick: true }],
    ['what is asked for', { quick: false }, { quickTrials: true }, { quick: false }],
    ['USE states', { matrix: 'pairwise' }, {}, { quick: false, matrix: 'pairwise' }],
    ['nothing that it does not know', { matrix: 'all' as never }, {}, { quick: false }],
  ] as const)('is %s', async (_, asked, settings, expected) => {
    const it = createFixture();
    it.setSettings(settings);
    it.edit(TEXT, 1);
    const result = it.server.runTrial({ uri: URI, ...asked });
    const run = await it.started(1);
    expect(run.request).toEqual({
      file: '/repo/media-gfx/foo/foo-1.ebuild',
      text: TEXT,
      fresh: false,
      ...expected,
    });
    run.finish(makeRecord(TEXT, []));
    await result;
  });
});

describe('a workspace that is said not to be trusted', () => {
  test('gets no trial, even when one is asked for', async () => {
    const it = createFixture();
    it.distrust();
    it.edit(TEXT, 1);
    expect(await it.server.runTrial({ uri: URI })).toEqual({
      outcome: 'not-tried',
      message:
        'A trial runs code of the ebuild, and this workspace is not trusted: trust the workspace first.',
      mend: { kind: 'trust' },
    });
    expect(it.runs).toEqual([]);
  });
});

describe('order', () => {
  const OTHER = 'file:///repo/media-gfx/bar/bar-1.ebuild';

  test('a second trial of the same ebuild replaces the first, and starts when the first is gone', async () => {
    const it = createFixture();
    it.edit(TEXT, 1);
    const first = it.server.runTrial({ uri: URI });
    const run = await it.started(1);
    let gone = () => {};
    run.linger = new Promise((resolve) => {
      gone = resolve;
    });
    it.edit(`${TEXT}# newer\n`, 2);
    const second = it.server.runTrial({ uri: URI });
    expect(run.signal?.aborted).toBe(true);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(it.runs).toHaveLength(1);
    // A late report of the replaced trial is ignored.
    run.listener.record(makeRecord(TEXT, ['stale/package']));
    expect(it.published.at(-1)?.diagnostics).toEqual([]);
    gone();
    expect(await first).toEqual({
      outcome: 'cancelled',
      message: 'A newer trial replaced this one.',
    });
    expect(it.statuses.at(-1)?.state).toBe('waiting');
    const newer = await it.started(2);
    expect(newer.request.text).toBe(`${TEXT}# newer\n`);
    newer.finish(makeRecord(newer.request.text, []));
    expect((await second).outcome).toBe('clean');
  });

  test('others wait in the order in which they came, and a newer one of the same ebuild takes its turn', async () => {
    const it = createFixture();
    for (const uri of [URI, OTHER]) it.edit(TEXT, 1, uri);
    const first = it.server.runTrial({ uri: URI });
    const run = await it.started(1);
    const waiting = it.server.runTrial({ uri: OTHER });
    expect(it.statuses.at(-1)).toMatchObject({
      uri: OTHER,
      state: 'waiting',
      message: 'Waiting for the trial of foo-1.ebuild.',
    });
    const third = it.server.runTrial({ uri: OTHER });
    expect((await waiting).outcome).toBe('cancelled');
    expect(run.signal?.aborted).toBe(false);
    run.finish(makeRecord(TEXT, []));
    expect((await first).outcome).toBe('clean');
    (await it.started(2)).finish(makeRecord(TEXT, []));
    expect((await third).outcome).toBe('clean');
    expect(it.runs).toHaveLength(2);
  });

  test('as many run at once as the settings say, and none is dropped for another ebuild', async () => {
    const it = createFixture();
    it.setSettings({ jobs: 2 });
    const uris = ['a', 'b', 'c'].map((name) => `file:///repo/media-gfx/${name}/${name}-1.ebuild`);
    for (const uri of uris) it.edit(TEXT, 1, uri);
    const results = uris.map((uri) => it.server.runTrial({ uri }));
    await it.started(2);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(it.runs).toHaveLength(2);
    it.runs[1]?.finish(makeRecord(TEXT, []));
    expect((await results[1])?.outcome).toBe('clean');
    (await it.started(3)).finish(makeRecord(TEXT, []));
    it.runs[0]?.finish(makeRecord(TEXT, []));
    expect((await Promise.all(results)).map(({ outcome }) => outcome)).toEqual(['clean', 'clean', 'clean']);
  });

  test.each(['progress', 'cancelTrial'] as const)('is cancelled by the %s', async (way) => {
    const it = createFixture();
    it.edit(TEXT, 1);
    const result = it.server.runTrial({ uri: URI });
    const run = await it.started(1);
    if (way === 'progress') it.progress[0]?.cancel();
    else it.server.cancelTrial(URI);
    expect(run.signal?.aborted).toBe(true);
    expect(await result).toEqual({ outcome: 'cancelled', message: 'The trial was cancelled.' });
    expect(it.progress[0]?.isDone).toBe(true);
    expect(it.statuses.at(-1)?.state).toBe('unknown');
  });

  test('a cancelled trial keeps what it had found', async () => {
    const it = createFixture();
    it.edit(TEXT, 1);
    const result = it.server.runTrial({ uri: URI });
    const run = await it.started(1);
    run.listener.record(makeRecord(TEXT, ['media-libs/libpng'], { outcome: 'running' }));
    it.server.cancelTrial(URI);
    await result;
    expect(it.published.at(-1)?.diagnostics).toHaveLength(1);
    expect(it.statuses.at(-1)?.state).toBe('findings');
    it.edit('DEPEND="media-libs/libpng"', 2);
    expect(it.statuses.at(-1)?.state).toBe('not-verified');
  });

  test('stopping ends what runs and what waits, and waits until it is gone', async () => {
    const it = createFixture();
    for (const uri of [URI, OTHER]) it.edit(TEXT, 1, uri);
    const results = [it.server.runTrial({ uri: URI }), it.server.runTrial({ uri: OTHER })];
    const run = await it.started(1);
    let isGone = false;
    run.linger = new Promise((resolve) =>
      setTimeout(() => {
        isGone = true;
        resolve();
      }, 20),
    );
    await it.server.stop();
    expect(isGone).toBe(true);
    expect((await Promise.all(results)).map((result) => result.outcome)).toEqual(['cancelled', 'cancelled']);
    expect((await it.server.runTrial({ uri: URI })).outcome).toBe('cancelled');
    expect(it.runs).toHaveLength(1);
  });
});
