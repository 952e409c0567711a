import { mkdirSync, mkdtempSync, realpathSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { conclude } from '../../server/src/audit/conclusion.ts';
import type { TrialRecord } from '../../server/src/audit/record.ts';
import { createEnvelopeStore, readLooseEnvelopes } from '../../server/src/sharing/envelope-store.ts';
import { openObjectStore } from '../../server/src/sharing/open-store.ts';
import type { Policy } from '../../server/src/sharing/policy.ts';
import { keyOfQuestion } from '../../server/src/sharing/portable-inputs.ts';
import { createSharedRecords } from '../../server/src/sharing/shared-records.ts';
import { writeStatement } from '../../server/src/sharing/statement.ts';
import type { AskedTrial, OtherAnswer } from '../../server/src/trial/other-records.ts';
import { makeRecord, NOTHING_DECLARED } from '../support/trial-record.ts';
import { locate, type Machine, makeMachine, readBasis, readOn } from './machines.ts';
import { IMAGE, judge, makeBuilder, NO_NAMES, policyOf, signedBy, TEXT } from './made-records.ts';

const [alice, bob, carol, mallory] = ['alice', 'bob', 'carol', 'mallory'].map(makeBuilder) as [
  ReturnType<typeof makeBuilder>,
  ReturnType<typeof makeBuilder>,
  ReturnType<typeof makeBuilder>,
  ReturnType<typeof makeBuilder>,
];
const RECORD = makeRecord(TEXT, {
  packageManager: 'portage 3',
  evaluated: { ...NOTHING_DECLARED, DEPEND: 'sys-libs/zlib' },
  image: IMAGE,
});
const LIE: Partial<TrialRecord> = { image: 'cd'.repeat(32) };

let folder: string;
let jane: Machine;
let joe: Machine;
beforeAll(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'ebuild-audit-shared-')));
  [jane, joe] = [makeMachine(folder, 'jane'), makeMachine(folder, 'joe')];
});
afterAll(() => rmSync(folder, { recursive: true }));
const storePlace = () => join(folder, 'store');
let said: string[];
beforeEach(() => {
  said = [];
  rmSync(storePlace(), { recursive: true, force: true });
  mkdirSync(storePlace());
});
const store = () => createEnvelopeStore(openObjectStore(storePlace()), (sentence) => said.push(sentence));

async function makeStatement(change: Partial<TrialRecord> = {}): Promise<Buffer> {
  const basis = await readBasis(jane);
  const { inputs } = await readOn(jane, basis);
  return writeStatement({ record: { ...RECORD, ...change }, judge, inputs, basis, names: NO_NAMES });
}

async function add(...envelopes: readonly Buffer[]): Promise<void> {
  const { inputs } = await readOn(jane, await readBasis(jane));
  for (const envelope of envelopes) await store().add(keyOfQuestion(inputs.question), envelope);
}

function open(level: Policy['level'], isSpotChecked = false) {
  const log = (sentence: string) => void said.push(sentence);
  return createSharedRecords({
    policy: policyOf(level, alice, bob, carol),
    store: store(),
    loose: () => readLooseEnvelopes(storePlace(), log),
    judge,
    isSpotChecked: () => isSpotChecked,
    log,
  });
}
/** A trial on the machine of Joe. */
const asked = (change: Partial<AskedTrial> = {}): AskedTrial => ({
  location: locate(joe),
  bareText: TEXT,
  extent: { quick: false, matrix: 'none' },
  packageManager: 'portage 3',
  root: joe.root,
  home: joe.home,
  ...change,
});
const ask = (level: Policy['level'], isSpotChecked = false) => open(level, isSpotChecked).find(asked());
const signersOf = (answer: OtherAnswer) => (answer.kind === 'answer' ? answer.record.sharedBy : undefined);

test('the record of another machine answers, and says who signed it', async () => {
  await add(signedBy(await makeStatement(), alice));
  const answer = await ask('any');
  expect(answer).toMatchObject({
    kind: 'answer',
    record: { outcome: 'passed', image: IMAGE, log: '', sharedBy: ['alice'] },
  });
  expect(said).toEqual([]);
  // A quick trial is a part of it.
  expect(signersOf(await open('any').find(asked({ extent: { quick: true, matrix: 'none' } })))).toEqual([
    'alice',
  ]);
});

test('two builders satisfy a policy that asks for two, in a list and as files', async () => {
  const payload = await makeStatement();
  await add(signedBy(payload, alice));
  const few = await ask(2);
  expect(few.kind).toBe('build');
  expect(said).toEqual([
    'The record by alice for media-gfx/foo-1 does not answer, because the policy asks for 2 keys.',
  ]);
  writeFileSync(join(storePlace(), 'bob.json'), signedBy(payload, bob));
  expect(signersOf(await ask(2))).toEqual(['alice', 'bob']);
});

test('a liar is shown beside the others, and the trial on this machine settles it', async () => {
  const payload = await makeStatement();
  await add(signedBy(payload, alice), signedBy(payload, bob), signedBy(await makeStatement(LIE), carol));
  const answer = await ask(2);
  expect(said).toEqual([
    'The records for media-gfx/foo-1 disagree, so it is built here:',
    '  carol: passed, no finding, image cdcdcdcdcdcd',
    '  alice and bob: passed, no finding, image abababababab',
  ]);
  said = [];
  const text = `${TEXT}# audit: ignore x\n`;
  const disputes = answer.kind === 'build' ? answer.settle({ ...RECORD, log: '/logs/x', text }) : [];
  expect(said).toEqual([
    'The trial of media-gfx/foo-1 differs from the record by carol: here passed, no finding, image abababababab; there passed, no finding, image cdcdcdcdcdcd.',
    'The trial of media-gfx/foo-1 confirms the record by alice and bob.',
  ]);
  expect(disputes).toEqual([
    'The records for media-gfx/foo-1 disagree (carol: passed, no finding, image cdcdcdcdcdcd; alice and bob: passed, no finding, image abababababab).',
    said[0],
  ]);
});

test('a record of a wider trial counts for the first state, and a liar with other facts does not escape', async () => {
  const basis = await readBasis(jane);
  const { inputs } = await readOn(jane, basis);
  const wide = { ...inputs, extent: { quick: false, matrix: 'single' as const } };
  const variants = [{ ...RECORD, use: ['png'], iuse: ['png'], image: 'ef'.repeat(32) }];
  const write = (record: TrialRecord, given = basis) =>
    writeStatement({ record, judge, inputs: wide, basis: given, names: NO_NAMES });
  await add(signedBy(await makeStatement(), alice), signedBy(write({ ...RECORD, variants }), bob));
  expect(signersOf(await ask(2))).toEqual(['alice', 'bob']);
  expect(said).toEqual([]);
  const lie = write(
    { ...RECORD, ...LIE, variants },
    { ...basis, system: [...basis.system, 'sys-libs/zlib'] },
  );
  await add(signedBy(lie, carol));
  expect((await ask('any')).kind).toBe('build');
  expect(said[0]).toContain('disagree, so it is built here');
});

test('a conclusion names who signed the record, or what is disputed', () => {
  const message = (change: Partial<TrialRecord>) =>
    conclude({ ...RECORD, ...change }, judge(RECORD), { now: 0 }).message;
  expect(message({ sharedBy: ['alice', 'bob'] })).toBe(
    'The build used only declared packages. (Result of a record by alice and bob.)',
  );
  expect(message({ disputes: ['The records disagree.'] })).toBe(
    'The build used only declared packages. The records disagree.',
  );
});

test('a spot check builds, and says whether the record was right', async () => {
  await add(signedBy(await makeStatement(LIE), alice));
  const answer = await ask('any', true);
  expect(said).toEqual(['media-gfx/foo-1 is built as a spot check of the record by alice.']);
  said = [];
  if (answer.kind === 'build') answer.settle(RECORD);
  expect(said[0]).toMatch(/^The trial of media-gfx\/foo-1 differs from the record by alice: here passed/);
});

test.each<[string, () => Promise<Buffer>]>([
  ['it is not signed', async () => signedBy(await makeStatement())],
  ['no key of the policy has signed it', async () => signedBy(await makeStatement(), mallory)],
  ['it is not JSON, or was cut off', async () => signedBy(await makeStatement(), alice).subarray(0, 500)],
  ['it is not a DSSE envelope of in-toto (it is not an object)', async () => Buffer.from('7')],
  ['its statement is not JSON', async () => signedBy(Buffer.from('nonsense'), alice)],
  [
    'the findings that it states are not those of its own record',
    async () => {
      const statement = JSON.parse((await makeStatement()).toString());
      statement.predicate.record.notInstalled = [{ variable: 'DEPEND', atom: 'sys-libs/zlib' }];
      return signedBy(Buffer.from(JSON.stringify(statement)), alice);
    },
  ],
  [
    'it is a record of media-gfx/foo-2',
    async () => {
      const text = (await makeStatement()).toString();
      const { predicate } = JSON.parse(text);
      const question = { ...predicate.inputs.question, packageAndVersion: 'foo-2' };
      return signedBy(
        writeStatement({
          record: { ...RECORD, packageAndVersion: 'foo-2' },
          judge,
          inputs: { ...predicate.inputs, question },
          basis: predicate.basis,
          names: NO_NAMES,
        }),
        alice,
      );
    },
  ],
])('one sentence, and a trial: %s', async (reason, make) => {
  const envelope = await make();
  await add(envelope);
  expect((await ask('any')).kind).toBe('build');
  expect(said).toHaveLength(1);
  expect(said[0]).toMatch(/^The record [0-9a-f]{12}(?: by alice)? for media-gfx\/foo-1 is not used: .*\.$/);
  expect(said[0]).toContain(`: ${reason}.`);
  // The work goes on with those that are left.
  await add(signedBy(await makeStatement(), bob));
  expect(signersOf(await ask('any'))).toEqual(['bob']);
});

test('a record of other inputs is refused with the difference', async () => {
  await add(signedBy(await makeStatement(), alice));
  const package_ = (name: string) => join(joe.root, 'var/db/pkg/sys-libs', name);
  renameSync(package_('zlib-1.3'), package_('zlib-1.3.1'));
  try {
    expect((await ask('any')).kind).toBe('build');
  } finally {
    renameSync(package_('zlib-1.3.1'), package_('zlib-1.3'));
  }
  expect(said).toEqual([
    expect.stringMatching(
      /^The record [0-9a-f]{12} by alice for media-gfx\/foo-1 is not used: it was made with sys-libs\/zlib-1\.3, and here is 1\.3\.1\.$/,
    ),
  ]);
});

test('files of strangers in the folder are told of once', async () => {
  writeFileSync(join(storePlace(), 'package.json'), '{"name":"x"}');
  writeFileSync(join(storePlace(), 'stranger.json'), signedBy(await makeStatement(), mallory));
  writeFileSync(join(storePlace(), 'useful.json'), signedBy(await makeStatement(), alice));
  const others = open('any');
  expect(signersOf(await others.find(asked()))).toEqual(['alice']);
  expect((await others.find({ ...asked(), bareText: 'EAPI=8\n' })).kind).toBe('build');
  expect(said).toEqual([
    'The file package.json is not used as a record: it is not a DSSE envelope of in-toto (payload is missing).',
    'The file stranger.json is not used as a record: no key of the policy has signed it.',
  ]);
});
