import { describe, expect, test } from 'vitest';
import { composeKnowledge, offersOf } from '../../server/src/check/knowledge.ts';
import { fakeIndex } from './fake-index.ts';

const installed = offersOf([
  { category: 'dev-libs', name: 'a', version: '1.0', slot: '0', subslot: '1', iuse: ['old'] },
  { category: 'dev-libs', name: 'a', version: '0.9', slot: '0', subslot: '0', iuse: [] },
  { category: 'dev-libs', name: 'gone', version: '3', slot: '0', subslot: '0', iuse: [] },
]);

describe('what repositories and the root know together', () => {
  test('is the repository’s word where both know a version, and the root’s where only it does', () => {
    const index = fakeIndex({ packages: [['dev-libs', 'a', '1.0']] });
    const knowledge = composeKnowledge(index, installed);
    expect(
      knowledge.offered('dev-libs', 'a').map(({ version, repository }) => [version, repository]),
    ).toEqual([
      ['1.0', 'overlay'],
      ['0.9', ''],
    ]);
    expect(knowledge.offered('dev-libs', 'gone').map(({ repository }) => repository)).toEqual(['']);
    expect([...knowledge.packageNames()].sort()).toEqual(['dev-libs/a', 'dev-libs/gone']);
  });

  test('is incomplete until both have been read', () => {
    expect(composeKnowledge(fakeIndex({}), installed).incomplete).toBeUndefined();
    expect(composeKnowledge(fakeIndex({}), undefined).incomplete).toEqual({
      kind: 'reading',
      text: 'The installed packages are still being read',
    });
    const index = fakeIndex({ incomplete: 'The master gentoo is missing' });
    expect(composeKnowledge(index, installed).incomplete?.text).toBe('The master gentoo is missing');
    const practice = { kind: 'practice-root', text: 'It is a practice root' } as const;
    expect(composeKnowledge(fakeIndex({}), installed, practice).incomplete).toBe(practice);
  });
});
