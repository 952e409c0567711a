import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readPerlPrerequisites } from '../../../server/src/trial/reading/perl-prerequisites.ts';

const read = (requires: object) =>
  readPerlPrerequisites(JSON.stringify({ prereqs: { runtime: { requires } } }));

test('MYMETA.json requires modules at run time, with the lowest version', () => {
  expect(
    read({
      'Net::SSLeay': '1.46',
      URI: '0',
      'A::B': '>= 1.2, < 2, != 1.5',
      C: 'v1.2.3',
      D: 2.5,
      E: '== 1.0',
      F: '< 2',
    }),
  ).toEqual([
    { name: 'Net::SSLeay', stated: 'Net::SSLeay (>=1.46)', atLeast: '1.46' },
    { name: 'URI', stated: 'URI' },
    { name: 'A::B', stated: 'A::B (>=1.2)', atLeast: '1.2' },
    { name: 'C', stated: 'C (>=v1.2.3)', atLeast: 'v1.2.3' },
    { name: 'D', stated: 'D (>=2.5)', atLeast: '2.5' },
    { name: 'E', stated: 'E' },
    { name: 'F', stated: 'F' },
  ]);
});

test('perl, pragmas and other phases say nothing', () => {
  expect(read({ perl: '5.008', strict: '0', 'not a name': 1 })).toEqual([]);
  const others = {
    test: { requires: { A: 0 } },
    runtime: { recommends: { B: 0 } },
    build: { requires: { C: 0 } },
  };
  expect(readPerlPrerequisites(JSON.stringify({ prereqs: others }))).toEqual([]);
});

test('any text can be read', () => {
  const json = fc.json().map((text) => `{"prereqs":{"runtime":{"requires":${text}}}}`);
  fc.assert(
    fc.property(fc.oneof(fc.string(), json), (text) => {
      for (const { name } of readPerlPrerequisites(text)) expect(name).toMatch(/^[A-Z][\w:]*$/);
    }),
  );
});
