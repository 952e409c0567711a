import { describe, expect, test } from 'vitest';
import { MessageType, type TextDocumentEdit, type TextEdit } from 'vscode-languageserver';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { createFixture, makeRecord, TEXT, URI } from './fakes.ts';

const FIXED = 'EAPI=8\n\nDEPEND="\n\tmedia-libs/libpng"\n';

/** A server with an open ebuild, of which the editor applies edits as editors do: it answers, and then sends the text. */
function openEditor() {
  const it = createFixture();
  let document = it.edit(TEXT, 1);
  it.onEdit(({ documentChanges = [] }) => {
    const edits = documentChanges.flatMap((change) => (change as TextDocumentEdit).edits as TextEdit[]);
    const text = TextDocument.applyEdits(document, edits);
    setTimeout(() => {
      document = it.edit(text, document.version + 1);
    }, 10);
  });
  const execute = (command: string, ...args: unknown[]) =>
    it.server.executeCommand({ command: `ebuild-audit.${command}`, arguments: args });
  return { ...it, execute, text: () => document.getText() };
}

describe('a command of an editor without our extension', () => {
  test('runs a trial, and tells its result in a message', async () => {
    const editor = openEditor();
    const result = editor.execute('runTrial', URI);
    (await editor.started(1)).finish(makeRecord(TEXT, ['media-libs/libpng']));
    expect(await result).toMatchObject({ outcome: 'findings' });
    expect(editor.messages).toEqual([
      { type: MessageType.Warning, message: expect.stringMatching(/^1 finding/) },
    ]);
  });

  test.each([
    ['runTrial', { fresh: false }],
    ['runFreshTrial', { fresh: true }],
    ['runUseMatrix', { matrix: 'single' }],
  ])('%s asks for that kind of trial', async (command, request) => {
    const editor = openEditor();
    const result = editor.execute(command, URI);
    const run = await editor.started(1);
    expect(run.request).toMatchObject(request);
    run.finish(makeRecord(TEXT, []));
    await result;
  });

  test('applies the safe fixes in the editor, and builds the text that it then has', async () => {
    const editor = openEditor();
    const first = editor.execute('runTrial', URI);
    (await editor.started(1)).finish(makeRecord(TEXT, ['media-libs/libpng']));
    await first;
    const second = editor.execute('fixAndVerify', URI);
    const run = await editor.started(2);
    expect(editor.text()).toBe(FIXED);
    expect(run.request.text).toBe(FIXED);
    run.finish(makeRecord(FIXED, []));
    expect(await second).toMatchObject({ outcome: 'clean' });
  });

  test('builds the fixed text even if the editor sends it only later', async () => {
    const editor = openEditor();
    editor.onEdit(() => {});
    const first = editor.execute('runTrial', URI);
    (await editor.started(1)).finish(makeRecord(TEXT, ['media-libs/libpng']));
    await first;
    const second = editor.execute('fixAndVerify', URI);
    await new Promise((resolve) => setTimeout(resolve, 1200));
    const run = await editor.started(2);
    expect(run.request.text).toBe(FIXED);
    run.finish(makeRecord(FIXED, []));
    expect(await second).toMatchObject({ outcome: 'clean' });
  });

  test('fixes nothing in an ebuild that was closed, and builds its saved text', async () => {
    const editor = openEditor();
    const path = URI.slice('file://'.length);
    editor.files.set(path, TEXT);
    const first = editor.execute('runTrial', URI);
    (await editor.started(1)).finish(makeRecord(TEXT, ['media-libs/libpng']));
    await first;
    editor.server.closed(URI);
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(await editor.execute('fixAndVerify', URI)).toBeNull();
    expect(editor.messages.at(-1)?.message).toMatch(/^Open the ebuild first/);
    editor.files.set(path, FIXED);
    const second = editor.execute('runTrial', URI);
    const run = await editor.started(2);
    expect(run.request.text).toBe(FIXED);
    run.finish(makeRecord(FIXED, []));
    await second;
  });

  test('cancels a trial', async () => {
    const editor = openEditor();
    const result = editor.execute('runTrial', URI);
    await editor.started(1);
    await editor.execute('cancelTrial', URI);
    expect(await result).toMatchObject({ outcome: 'cancelled' });
  });

  test('opens the build log, or says that there is none', async () => {
    const editor = openEditor();
    expect(await editor.execute('showBuildLog', URI)).toBeNull();
    expect(editor.messages.at(-1)?.message).toBe('No trial of this ebuild has been run yet.');
    const result = editor.execute('runTrial', URI);
    (await editor.started(1)).finish({ ...makeRecord(TEXT, []), log: '/logs/foo.log' });
    await result;
    expect(await editor.execute('showBuildLog', URI)).toBe('/logs/foo.log');
    expect(editor.shown).toEqual(['/logs/foo.log']);
  });

  test.each([
    ['runTrial', []],
    ['runTrial', [1]],
    ['unknown', [URI]],
  ])('%s %s is refused with a message', async (command, args) => {
    const editor = openEditor();
    expect(await editor.execute(command, ...args)).toBeNull();
    expect(editor.messages).toMatchObject([{ type: MessageType.Error }]);
    expect(editor.runs).toEqual([]);
  });
});

test('the actions of an ebuild have the trial, and the fixes where there are some', async () => {
  const editor = openEditor();
  const titles = (only?: string[]) =>
    editor.server
      .codeActions({
        textDocument: { uri: URI },
        range: { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } },
        context: { diagnostics: [], ...(only === undefined ? {} : { only }) },
      })
      .map(({ title }) => title);
  expect(titles()).toEqual(['Run a trial build']);
  expect(titles(['source'])).toEqual(['Run a trial build']);
  expect(titles(['quickfix'])).toEqual([]);
  expect(titles(['source.fixAll.ebuildAudit'])).toEqual([]);
  const result = editor.execute('runTrial', URI);
  const run = await editor.started(1);
  expect(titles()).toEqual(['Cancel the trial build']);
  run.finish(makeRecord(TEXT, ['media-libs/libpng']));
  await result;
  expect(titles()).toEqual(['Run a trial build', 'Apply all safe fixes and run a trial build']);
});
