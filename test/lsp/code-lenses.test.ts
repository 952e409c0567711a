import { expect, test } from 'vitest';
import { createFixture, makeRecord, TEXT, URI } from './fakes.ts';

const titlesOf = (it: ReturnType<typeof createFixture>) =>
  it.server.codeLenses({ textDocument: { uri: URI } }).map(({ command }) => command?.title);

test('lenses above the dependencies run a trial, tell what the last one found, and fix it', async () => {
  const it = createFixture();
  it.edit(TEXT, 1);
  expect(titlesOf(it)).toEqual(['Run trial build']);
  const result = it.server.runTrial({ uri: URI });
  const run = await it.started(1);
  expect(titlesOf(it)).toEqual(['Trial build runs · Cancel']);
  run.finish({ ...makeRecord(TEXT, ['media-libs/libpng']), storedAt: Date.now() - 3_600_000 });
  await result;
  expect(titlesOf(it)).toEqual(['Run trial build', '1 error · 1 hour ago', 'Fix all and verify']);
  const [lens] = it.server.codeLenses({ textDocument: { uri: URI } });
  expect(lens).toEqual({
    range: { start: { line: 2, character: 0 }, end: { line: 2, character: 6 } },
    command: { title: 'Run trial build', command: 'ebuild-audit.runTrial', arguments: [URI] },
  });
  expect(it.refreshes()).toBeGreaterThanOrEqual(2);
});

test('a client with commands of its own gets those', () => {
  const own = { run: 'own.run', fixAndVerify: 'own.fix', cancel: 'own.cancel', showLog: 'own.log' };
  const it = createFixture({ lensCommands: own });
  it.edit(TEXT, 1);
  expect(it.server.codeLenses({ textDocument: { uri: URI } })[0]?.command?.command).toBe('own.run');
});

test('a text without dependencies, and an ebuild that is not open, has none', () => {
  const it = createFixture();
  expect(titlesOf(it)).toEqual([]);
  it.edit('EAPI=8\n', 1);
  expect(titlesOf(it)).toEqual([]);
});
