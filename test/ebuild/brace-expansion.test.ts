import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { expandBraces } from '../../server/src/ebuild/brace-expansion.ts';

test.each([
  ['python3_{11..13}', 'python3_11 python3_12 python3_13'],
  ['python3_{{11..12},13t}', 'python3_11 python3_12 python3_13t'],
  ['a{b,c{1,2}}d', 'abd ac1d ac2d'],
  ['{3..1}', '3 2 1'],
  ['x{a}y{', 'x{a}y{'],
  ['{,t}', ' t'],
])('%s is %s', (word, words) => {
  expect(expandBraces(word)?.join(' ')).toBe(words);
});

test('too many are none', () => {
  expect(expandBraces('{1..900000}')).toBeUndefined();
  expect(expandBraces('{a,b}'.repeat(20))).toBeUndefined();
  // A search for the end of each brace would take the square of the length.
  expect(expandBraces('{'.repeat(1_000_000))).toBeUndefined();
});

/** Words whose braces are closed and have a comma or a range: what bash makes of others differs between its versions. */
const { word: wellFormed } = fc.letrec<{ word: string; part: string; group: string }>((tie) => ({
  word: fc.array(tie('part'), { maxLength: 3 }).map((parts) => parts.join('')),
  part: fc.oneof({ depthSize: 'small' }, fc.constantFrom('a', '1', 'x3', '{1..3}', '{4..2}'), tie('group')),
  group: fc.array(tie('word'), { minLength: 2, maxLength: 3 }).map((words) => `{${words.join(',')}}`),
}));

test('bash gives the same', () => {
  const words = fc.sample(wellFormed, 300).filter((word) => expandBraces(word) !== undefined);
  const quote = (word: string) => (word === '' ? "''" : word);
  const script = words.map((word) => `printf '%s ' ${quote(word)}; echo`).join('\n');
  const lines = execFileSync('bash', ['-c', script], { encoding: 'utf8' }).split('\n');
  for (const [at, word] of words.entries()) {
    // An unquoted word that is empty is none.
    const mine = expandBraces(word)?.filter((expanded) => expanded !== '');
    expect([word, mine?.join(' ')]).toEqual([word, lines[at]?.trim()]);
  }
});
