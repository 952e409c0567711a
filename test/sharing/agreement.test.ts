import { expect, test } from 'vitest';
import type { TrialRecord } from '../../server/src/audit/record.ts';
import { describeResult, findAgreement, type Vote } from '../../server/src/sharing/agreement.ts';
import type { PortableInputs } from '../../server/src/sharing/portable-inputs.ts';
import { readStatement, type SharedRecord } from '../../server/src/sharing/statement.ts';
import { makeBuilder, makeInputs, makePayload, policyOf } from './made-records.ts';

const builders = ['alice', 'bob', 'carol'].map(makeBuilder);
const vote = (
  keys: readonly string[],
  record: Partial<TrialRecord> = {},
  inputs: Partial<PortableInputs> = {},
): Vote => {
  const shared = readStatement(makePayload(record, inputs)) as SharedRecord;
  return { keys, record: shared.record, result: shared.result, about: shared.inputsDigest };
};
const agree = (level: 'any' | number | string, ...votes: readonly Vote[]) =>
  findAgreement(votes, policyOf(level, ...builders));
const OTHER_IMAGE = { image: 'cd'.repeat(32) };

test('one record answers at the level "any", and others need more', () => {
  expect(agree('any')).toEqual({ kind: 'none' });
  expect(agree('any', vote(['bob']))).toMatchObject({ kind: 'agreed', keys: ['bob'] });
  expect(agree(2, vote(['bob']))).toMatchObject({ kind: 'too-few', keys: ['bob'] });
  expect(agree(2, vote(['bob']), vote(['alice']))).toMatchObject({ kind: 'agreed', keys: ['alice', 'bob'] });
  expect(agree('carol', vote(['bob']), vote(['alice']))).toMatchObject({ kind: 'too-few' });
  expect(agree('carol', vote(['bob']), vote(['carol']))).toMatchObject({ kind: 'agreed' });
});

test('a key counts once, however many records it signs', () => {
  expect(agree(2, vote(['bob']), vote(['bob']))).toMatchObject({ kind: 'too-few', keys: ['bob'] });
  expect(agree(2, vote(['alice', 'bob']))).toMatchObject({ kind: 'agreed' });
});

test('one liar among many is a disagreement, also by the image alone, and with himself', () => {
  const honest = [vote(['alice']), vote(['bob'])];
  const sides = (...votes: readonly Vote[]) => {
    const agreement = agree(2, ...votes);
    return agreement.kind === 'disagreed' ? agreement.sides.map(({ keys }) => keys) : agreement.kind;
  };
  expect(sides(...honest, vote(['carol'], OTHER_IMAGE))).toEqual([['alice', 'bob'], ['carol']]);
  const lie: Partial<TrialRecord> = { notInstalled: [{ variable: 'DEPEND', atom: 'sys-libs/zlib' }] };
  expect(sides(...honest, vote(['carol'], lie))).toEqual([['alice', 'bob'], ['carol']]);
  expect(sides(vote(['carol']), vote(['carol'], OTHER_IMAGE))).toEqual([['carol'], ['carol']]);
});

test('records of other inputs do not count together, and those of another extent do not contradict', () => {
  expect(agree(2, vote(['alice']), vote(['bob'], {}, { packages: [] }))).toMatchObject({ kind: 'too-few' });
  const wide = vote(['bob'], OTHER_IMAGE, { extent: { quick: false, matrix: 'single' } });
  expect(agree('any', vote(['alice']), wide)).toMatchObject({ kind: 'agreed', keys: ['alice'] });
  // Which files of the system a build names may depend on the order of its processes.
  const system = { ...makeInputs().system, digest: '0'.repeat(64) };
  expect(agree(2, vote(['alice']), vote(['bob'], {}, { system }))).toMatchObject({ kind: 'agreed' });
});

test('a result is described in some words', () => {
  const { result } = readStatement(
    makePayload({ notInstalled: [{ variable: 'DEPEND', atom: 'sys-libs/zlib' }] }),
  ) as SharedRecord;
  expect(describeResult(result)).toBe('passed, 1 finding (not-installed sys-libs/zlib), image abababababab');
  expect(describeResult({ ...result, findings: [], images: [] })).toBe('passed, no finding, no image');
});
