import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { TrialRecord } from '../../server/src/audit/record.ts';
import { createFixture, makeRecord, TEXT, URI } from './fakes.ts';

const FILE = '/repo/media-gfx/foo/foo-1.ebuild';
const PNG = 'media-libs/libpng';

/** A server that knows a trial of the open ebuild. */
async function openWith(record: TrialRecord, text = TEXT) {
  const fixture = createFixture();
  fixture.stored.set(FILE, { record, change: undefined });
  fixture.edit(text, 1);
  await expect.poll(() => fixture.server.trialViews.uses({ uri: URI }).state).toBe('shown');
  return { ...fixture, views: fixture.server.trialViews };
}

describe('what the last trial saw', () => {
  test('an ebuild without a trial, and one that is not known, have none', () => {
    const { server, edit } = createFixture();
    const absent = { state: 'none', message: 'No trial has been run yet.', dependencies: [], limits: [] };
    expect(server.trialViews.uses({ uri: URI })).toEqual(absent);
    edit(TEXT, 1);
    expect(server.trialViews.uses({ uri: URI })).toEqual(absent);
    expect(server.trialViews.accesses({ uri: URI, dependency: 'x' })).toEqual({ owners: [] });
    expect(server.trialViews.page({ uri: URI })).toEqual({ problem: absent.message });
  });

  test('a trial that runs says so, and one that could not be run why', async () => {
    const { server, edit, started } = createFixture();
    edit(TEXT, 1);
    const result = server.runTrial({ uri: URI });
    expect(server.trialViews.uses({ uri: URI })).toMatchObject({ state: 'running' });
    const run = await started(1);
    run.fail(new Error('broken'));
    await result;
    expect(server.trialViews.uses({ uri: URI }).state).toBe('problem');
  });

  test('a missing package has its finding, its variable, its owner and its accesses', async () => {
    const { views } = await openWith(makeRecord(TEXT, [PNG], { gaps: ['a thing'] }));
    const { message, dependencies, limits } = views.uses({ uri: URI });
    expect(message).toBe('1 finding.');
    expect(limits).toEqual(['Not observed: a thing.']);
    expect(dependencies).toEqual([
      expect.objectContaining({
        group: 'undeclared',
        atom: PNG,
        state: 'needed',
        variables: ['DEPEND'],
        owners: [`${PNG}-1`],
        accesses: 2,
      }),
    ]);
    const { owners } = views.accesses({ uri: URI, dependency: dependencies[0]?.id ?? '' });
    expect(owners[0]?.phases[0]?.programs[0]?.files[0]).toMatchObject({
      path: '/usr/include/libpng.h',
      denied: true,
      count: 2,
    });
  });

  test('an atom that is being written has its place in the text of now, and the same accesses', async () => {
    const { views, edit } = await openWith(makeRecord(TEXT, [PNG]));
    edit(`EAPI=8\r\n\r\nDEPEND="\r\n\t${PNG}:="\r\n`, 2);
    expect(views.uses({ uri: URI }).dependencies).toEqual([
      expect.objectContaining({
        group: 'DEPEND',
        atom: `${PNG}:=`,
        accesses: 2,
        range: { start: { line: 3, character: 1 }, end: { line: 3, character: 1 + PNG.length + 2 } },
      }),
    ]);
  });

  test('names that hide something are made visible', async () => {
    const { views } = await openWith(makeRecord(TEXT, ['media-libs/a\u202eb']));
    expect(JSON.stringify(views.uses({ uri: URI }))).not.toContain('\u202e');
    expect(views.page({ uri: URI }).html).not.toContain('\u202e');
  });
});

describe('the evidence of an access', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'ebuild-audit-evidence-'));
    mkdirSync(join(folder, 'root/usr/include'), { recursive: true });
    writeFileSync(join(folder, 'root/usr/include/png.h'), '/* ☃ */\n');
    writeFileSync(join(folder, 'root/usr/include/binary'), 'ELF\0\0');
    writeFileSync(join(folder, 'secret'), 'not of the root');
    symlinkSync('../../../secret', join(folder, 'root/usr/include/way-out.h'));
    writeFileSync(join(folder, 'log'), 'first\r\nlooks for way-out.h\nruns /usr/include/binary\n');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  async function find(path: string, log = join(folder, 'log')) {
    const { views, setRoot } = await openWith(makeRecord(TEXT, [PNG], { log }));
    setRoot(join(folder, 'root'));
    return views.evidence({ uri: URI, path });
  }

  test('a text of the root is opened', async () => {
    const path = join(folder, 'root/usr/include/png.h');
    expect(await find('/usr/include/png.h')).toEqual({ kind: 'file', path, message: path });
  });

  test('for anything else the build log is opened where it is named', async () => {
    expect(await find('/usr/include/binary')).toMatchObject({ kind: 'log', line: 2 });
    expect(await find('/usr/include/way-out.h')).toMatchObject({ kind: 'log', line: 1 });
  });

  test('what a finding leads to comes first', async () => {
    const log = join(folder, 'log');
    const { views, setRoot, places } = await openWith(makeRecord(TEXT, [PNG], { log }));
    setRoot(join(folder, 'root'));
    places.set('/usr/include/png.h', { file: log, line: 1, column: 0, length: 5 });
    expect(await views.evidence({ uri: URI, path: '/usr/include/png.h' })).toMatchObject({
      kind: 'log',
      path: log,
      line: 1,
    });
    places.set('/usr/bin/tool', { file: join(folder, 'root/tool.pc'), line: 0, column: 0, length: 0 });
    expect(await views.evidence({ uri: URI, path: '/usr/bin/tool' })).toMatchObject({
      kind: 'file',
      path: join(folder, 'root/tool.pc'),
    });
  });

  test('if neither shows it, a sentence says why', async () => {
    expect(await find('/usr/include/absent.h')).toMatchObject({ kind: 'none' });
    expect(await find('example.org:443')).toMatchObject({ kind: 'none' });
    expect((await find('/', '')).message).toMatch(/the build log is no longer kept\.$/);
    expect((await find('/usr/\u0000\ud800', join(folder, 'gone'))).kind).toBe('none');
  });
});

describe('comparing trials', () => {
  const old = makeRecord(TEXT, [PNG], { storedAt: 1000, log: '/logs/old.log' });
  const late = makeRecord(TEXT.replace('""', `"${PNG}"`), [], { storedAt: 2000, log: '/logs/late.log' });

  test('the kept trials are listed, and the last one too if it is not stored', async () => {
    const { views, kept } = await openWith(makeRecord(TEXT, [], { log: '/logs/now.log' }));
    kept.set(FILE, [late, old]);
    const { trials } = await views.kept({ uri: URI });
    expect(trials.map(({ id }) => id)).toEqual(['current', '2000', '1000']);
    expect(trials.map(({ description }) => description.includes('the text of now'))).toEqual([
      true,
      false,
      true,
    ]);
  });

  test('the last one is listed once if it was stored', async () => {
    const { views, kept } = await openWith(makeRecord(TEXT, [], { log: '/logs/late.log' }));
    kept.set(FILE, [late, old]);
    expect((await views.kept({ uri: URI })).trials.map(({ id }) => id)).toEqual(['2000', '1000']);
  });

  test('without a root only the last one is there, with the reason', async () => {
    const { views, setSettings } = await openWith(makeRecord(TEXT, []));
    setSettings({ root: '/absent' });
    expect(await views.kept({ uri: URI })).toMatchObject({
      trials: [{ id: 'current' }],
      problem: 'The root /absent does not exist.',
    });
  });

  test('the page has what is new, fixed and different', async () => {
    const { views, kept } = await openWith(makeRecord(TEXT, [PNG]));
    kept.set(FILE, [late, old]);
    const { html = '' } = await views.compare({ uri: URI, before: '1000', after: '2000' });
    expect(html).toContain('Two trials of foo-1.ebuild');
    expect(html).toContain('<summary>Fixed: 1</summary>');
    expect(html).toContain(`+DEPEND=&quot;${PNG}&quot;`);
    const back = await views.compare({ uri: URI, before: '2000', after: '1000' });
    expect(back.html).toContain('<code>missing-depend</code>');
  });

  test('a trial that is gone meanwhile is a problem', async () => {
    const { views } = await openWith(makeRecord(TEXT, [PNG]));
    expect(await views.compare({ uri: URI, before: '1', after: 'current' })).toEqual({
      problem: 'One of the trials is no longer kept: choose again.',
    });
  });
});
