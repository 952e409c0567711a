import { mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { status } from '@grpc/grpc-js';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { encode } from '../../server/src/reapi/encoding.ts';
import type { Message } from '../../server/src/reapi/messages.ts';
import { readAnswer, takeOutcome } from '../../server/src/remote/client/answer.ts';
import { runAction } from '../../server/src/remote/client/run-action.ts';
import { digestBytes } from '../../server/src/remote/merkle/digest.ts';
import { openStorage } from '../../server/src/remote/service/storage.ts';
import { RECORD } from '../../server/src/sharing/record-shape.ts';
import { matchShape } from '../../server/src/sharing/shape.ts';
import type { PlacedTrial } from '../../server/src/trial/trial-place.ts';
import { type Answers, type FakeRemote, Refusal, startFakeRemote } from '../support/fake-remote.ts';
import { useQuickWaits } from '../support/quick-waits.ts';
import { makeRecord, NOTHING_DECLARED } from '../support/trial-record.ts';

useQuickWaits();
let folder: string;
let server: FakeRemote;
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'answer-')));
});
afterEach(async () => {
  await server?.close();
  rmSync(folder, { recursive: true });
});

const EXPECTED = {
  location: { category: 'media-gfx', packageAndVersion: 'foo-1' },
  readRecord: (value: unknown) => matchShape(RECORD, value),
};
const TEXTS = [
  'iuse',
  'fixedUse',
  'expandedUse',
  'use',
  'inherited',
  'definedPhases',
  'distfiles',
  'system',
  'approximations',
];
const METADATA = {
  ...{ eapi: '8', slot: '0', requiredUse: '', restrict: '', dependencies: NOTHING_DECLARED },
  ...Object.fromEntries(TEXTS.map((name) => [name, []])),
};
const record = makeRecord('EAPI=8\n', { variants: [makeRecord('EAPI=8\n', { log: '__proto__' })] });
const DONE = { kind: 'done', record, metadata: [METADATA], lasting: true, logs: { [record.log]: 'built' } };

async function open(answers: Answers = {}) {
  server = await startFakeRemote(answers);
  const connection = server.connect();
  return { connection, storage: openStorage(connection, 0), absoluteLinks: true };
}
const fileOf = (contents: Uint8Array) => [{ path: '.ebuild-audit/answer.json.gz', contents }];
const read = async (result: Message<'ActionResult'>, answers: Answers = {}) =>
  readAnswer(await open(answers), result, EXPECTED, undefined);
const readJson = (value: unknown) => read({ outputFiles: fileOf(gzipSync(JSON.stringify(value))) });

describe('an answer', () => {
  test('of each kind is read, in the result or from the storage', async () => {
    expect(await readJson(DONE)).toEqual({ ...DONE, named: undefined });
    const lacking = { kind: 'lacking', packages: ['a/b-1'] };
    const bytes = gzipSync(JSON.stringify(lacking));
    const outputFiles = [{ path: '.ebuild-audit/answer.json.gz', digest: digestBytes(bytes) }];
    expect(await read({ outputFiles, exitCode: 75 }, { Read: () => [{ data: bytes }] })).toEqual(lacking);
  });

  test.each<[string, Uint8Array]>([
    ['no gzip', Buffer.from('x')],
    ['cut off', gzipSync(JSON.stringify(DONE)).subarray(0, 40)],
    ['no JSON', gzipSync('{"\u001b')],
    ['a bomb', bomb()],
  ])('that is %s is nonsense, in one visible sentence', async (_, bytes) => {
    await expect(read({ outputFiles: fileOf(bytes) })).rejects.toThrow(
      /^a worker of grpc:\S+ answered nonsense \([ -~\u00a0-\uffff]+\)$/,
    );
  });

  const named = { present: {}, absent: {}, listed: {} };
  test.each<[string, unknown]>([
    ['null', null],
    ['a list', []],
    ['of another kind', { kind: 'constructor' }],
    ['packages that are no list', { kind: 'lacking', packages: 5 }],
    ['a sentence that is none', { kind: 'refused', sentence: {} }],
    ['no metadata', { ...DONE, metadata: [] }],
    ['an eclass outside', { ...DONE, metadata: [{ ...METADATA, inherited: ['../../etc/passwd'] }] }],
    ['a distfile outside', { ...DONE, metadata: [{ ...METADATA, distfiles: ['..'] }] }],
    ['a record of another shape', { ...DONE, record: { ...record, needs: 5 } }],
    ['a record of another ebuild', { ...DONE, record: { ...record, category: 'other' } }],
    ['variants of variants', { ...DONE, record: { ...record, variants: [record] } }],
    ['a log without a name', { ...DONE, record: { ...record, log: 5 } }],
    ['logs that are no texts', { ...DONE, logs: { a: {} } }],
    ['names that are no list', { ...DONE, named: { ...named, present: { '/usr': 5 } } }],
    ['a relative path', { ...DONE, named: { ...named, listed: { usr: { names: '', unowned: '' } } } }],
    ['a device in place of a cache', { ...DONE, named: { ...named, loaderCaches: ['/dev/zero'] } }],
  ])('with %s is nonsense', async (_, value) => {
    await expect(readJson(value)).rejects.toThrow('answered nonsense (');
  });

  test('of a worker that failed is the last line of what it said, made visible', async () => {
    const said = (text: string, exitCode = 1) => read({ exitCode, stderrRaw: Buffer.from(text) });
    await expect(said('first\n\u001b[31mno bwrap\u202e\n\n')).rejects.toThrow(
      '(\\u{1b}[31mno bwrap\\u{202e}): see docs',
    );
    await expect(said('x\nError: no module\n  at y\n\nNode.js v20.1.0\n')).rejects.toThrow(
      '(Error: no module)',
    );
    await expect(said('')).rejects.toThrow('(its status was 1)');
    await expect(said('', 0)).rejects.toThrow('(its status was 0)');
  });
});

function bomb(): Uint8Array {
  // Members of one file: each is a MiB of zeros.
  return Buffer.concat(Array(600).fill(gzipSync(Buffer.alloc(2 ** 20))));
}

test('the logs of an answer are written into the state folder, under names of this machine only', async () => {
  const outside = join(dirname(folder), 'escaped.log');
  const answer = await readJson({
    ...DONE,
    record: { ...record, log: outside },
    logs: { [outside]: 'built' },
  });
  if (answer.kind !== 'done') throw new Error('not done');
  const trial = { world: { home: folder }, location: EXPECTED.location } as unknown as PlacedTrial;
  const outcome = await takeOutcome(trial, answer, undefined);
  expect(dirname(outcome.record.log)).toBe(join(folder, 'logs'));
  expect(readFileSync(outcome.record.log, 'utf8')).toBe('built');
  expect(readdirSync(dirname(folder))).not.toContain('escaped.log');
});

test.each<[string, () => Iterable<{ data: Uint8Array }>]>([
  [
    'forgotten',
    () => {
      throw new Refusal(status.NOT_FOUND, 'gone');
    },
  ],
  ['spoilt', () => [{ data: Buffer.from('other bytes') }]],
])('a result whose files the server has %s is made again', async (_, readFirst) => {
  const skips: boolean[] = [];
  const bytes = gzipSync(JSON.stringify({ kind: 'refused', sentence: 's' }));
  const result = { outputFiles: [{ path: '.ebuild-audit/answer.json.gz', digest: digestBytes(bytes) }] };
  const answer = await runAction(
    await open({
      *Execute({ skipCacheLookup = false }) {
        skips.push(skipCacheLookup);
        yield { done: true, response: { value: encode('ExecuteResponse', { result }) } };
      },
      *Read() {
        yield* skips.length === 1 ? readFirst() : [{ data: bytes }];
      },
    }),
    {
      action: digestBytes(bytes),
      acceptsCached: true,
      async provideAgain() {},
      onStage() {},
      signal: undefined,
    },
    EXPECTED,
  );
  expect([answer.kind, skips]).toEqual(['refused', [false, true]]);
});
