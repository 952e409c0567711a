import { expect, test } from 'vitest';
import type { TrialRecord } from '../../server/src/audit/record.ts';
import { compareLookedFor } from '../../server/src/review/looked-for.ts';
import { makeRecord } from '../support/trial-record.ts';

const named = (name: string) => ({ category: 'a', name, version: '1', slot: '0', subslot: '0', use: [] });
const need = (name: string): TrialRecord['needs'][number] => ({
  variable: 'DEPEND',
  package: named(name),
  atom: `a/${name}`,
  certainty: 'proven',
  evidence: [],
});
const probe = (name: string): TrialRecord['probes'][number] => ({
  package: named(name),
  atom: `a/${name}`,
  variables: ['DEPEND'],
  effect: 'none',
  differences: [],
  evidence: [],
});
const use = (name: string, licence: 'declared' | 'system' | 'closure'): TrialRecord['uses'][number] => ({
  package: named(name),
  atom: `a/${name}`,
  licence,
  kinds: [],
  bounds: [],
});

test('what a build needs, uses or looks for in vain is compared, in all USE states', () => {
  const before = makeRecord('', {
    needs: [need('gone')],
    probes: [probe('same')],
    uses: [use('left', 'declared')],
  });
  const variant = makeRecord('', { probes: [probe('under-a-flag')] });
  const after = makeRecord('', {
    needs: [need('z'), need('same')],
    uses: [use('b', 'declared')],
    variants: [variant],
  });
  expect(compareLookedFor(before, after)).toEqual({
    newly: ['a/b', 'a/under-a-flag', 'a/z'],
    noLonger: ['a/gone', 'a/left'],
  });
});

test('what is declared now and was a probe before is not new, nor what comes through others', () => {
  const before = makeRecord('', { probes: [probe('png')], uses: [use('zlib', 'closure')] });
  const after = makeRecord('', {
    uses: [use('png', 'declared'), use('zlib', 'declared'), use('gcc', 'system')],
  });
  expect(compareLookedFor(before, after)).toEqual({ newly: [], noLonger: [] });
  expect(compareLookedFor(after, before)).toEqual({ newly: [], noLonger: [] });
});
