import { expect, test } from 'vitest';
import type { ExactDifference } from '../../server/src/image/exact-differences.ts';
import { findCauses } from '../../server/src/trial/reproduction/reproduce.ts';
import type { Variation } from '../../server/src/trial/reproduction/variation.ts';

const VARIATIONS: readonly Variation[] = (['time', 'host', 'locale'] as const).map((name) => ({
  name,
  what: name,
}));

/** Builds in which each file says by which variations, or by `chance`, it changes; a word in capitals fails the build. */
function builder(files: Readonly<Record<string, string>>) {
  const calls: string[] = [];
  const compare = async (variations: readonly Variation[]) => {
    const names = variations.map(({ name }) => name as string);
    calls.push(names.join('+'));
    const entries = Object.entries(files);
    if (entries.some(([, by]) => names.includes(by.toLowerCase()) && by !== by.toLowerCase()))
      return { error: 'compile: no' };
    const changed = entries.filter(
      ([, by]) =>
        by === 'chance' ||
        by.split('+').every((name) => names.includes(name)) ||
        (by.includes('|') && by.split('|').some((name) => names.includes(name))),
    );
    return { differences: changed.map(([path]): ExactDifference => ({ path, kind: 'bytes' })) };
  };
  return { calls, compare };
}

async function causes(files: Readonly<Record<string, string>>) {
  const { calls, compare } = builder(files);
  const { differences, failing } = await findCauses(VARIATIONS, compare);
  return {
    calls,
    failing: failing.map(({ varied }) => varied),
    found: differences.map(
      ({ path, causes: by, byChance }) => `${path}: ${byChance ? 'chance' : by.join(' ') || 'together'}`,
    ),
  };
}

test('the same image takes one more build', async () => {
  expect(await causes({})).toEqual({ calls: ['time+host+locale'], failing: [], found: [] });
});

test('each difference is put down to what changes it', async () => {
  expect(await causes({ a: 'time', b: 'host|locale', c: 'chance', d: 'host+locale' })).toEqual({
    calls: ['time+host+locale', '', 'time', 'host', 'locale'],
    failing: [],
    found: ['a: time', 'b: host locale', 'c: chance', 'd: together'],
  });
});

test('a variation that fails the build is named, and the others are still tried', async () => {
  expect(await causes({ a: 'time', b: 'Host' })).toEqual({
    calls: ['time+host+locale', '', 'time', 'host', 'locale'],
    failing: ['host'],
    found: ['a: time'],
  });
});

test('a build that fails only with everything varied is not taken for the same image', async () => {
  const compare = async (variations: readonly Variation[]) =>
    variations.length > 1 ? { error: 'compile: no' } : { differences: [] };
  expect(await findCauses(VARIATIONS, compare)).toEqual({
    differences: [],
    failing: [{ varied: 'everything', error: 'compile: no' }],
  });
});

test('a build that fails now and then is not taken for the same image', async () => {
  const compare = async (variations: readonly Variation[]) =>
    variations.length === 0
      ? { error: 'test: no' }
      : { differences: variations.length > 1 ? [{ path: '/a', kind: 'bytes' as const }] : [] };
  expect((await findCauses(VARIATIONS, compare)).failing).toEqual([{ varied: 'nothing', error: 'test: no' }]);
});

test('a build that differs by chance blames nothing', async () => {
  expect((await causes({ a: 'chance', b: 'chance' })).found).toEqual(['a: chance', 'b: chance']);
});
