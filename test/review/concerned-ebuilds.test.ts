import { describe, expect, test } from 'vitest';
import { listConcerned } from '../../server/src/review/concerned-ebuilds.ts';
import type { FileChange } from '../../server/src/review/git.ts';

const HEAD = {
  listHead: (folder: string) => [`${folder}/1.ebuild`, `${folder}/2.ebuild`],
  listInheriting: (repository: string, eclass: string) =>
    Array.from({ length: 20 }, (_, at) => `${repository}a/${eclass}/${eclass}-${10 + at}.ebuild`),
};
const list = (...changes: FileChange[]) => listConcerned(changes, HEAD);

describe('the ebuilds that a change concerns', () => {
  test('are those that it adds, changes or renames', () => {
    expect(
      list(
        { status: 'changed', path: 'a/b/b-1.ebuild' },
        { status: 'added', path: 'a/c/c-1.ebuild' },
        { status: 'renamed', from: 'a/d/d-1.ebuild', path: 'a/d/d-2.ebuild' },
        { status: 'removed', path: 'a/e/e-1.ebuild' },
        { status: 'changed', path: 'a/f/Manifest' },
        { status: 'changed', path: 'a/f/metadata.xml' },
      ),
    ).toEqual(['a/b/b-1.ebuild', 'a/c/c-1.ebuild', 'a/d/d-2.ebuild']);
  });

  test('are those beside a file that was there before', () => {
    expect(
      list(
        { status: 'changed', path: 'a/b/files/x.patch' },
        { status: 'added', path: 'a/c/files/new.patch' },
        { status: 'removed', path: 'a/d/files/old.patch' },
      ),
    ).toEqual(['a/b/1.ebuild', 'a/b/2.ebuild', 'a/d/1.ebuild', 'a/d/2.ebuild']);
  });

  test('are all that inherit a changed eclass, however many', () => {
    expect(list({ status: 'changed', path: 'over/eclass/x.eclass' })).toHaveLength(20);
    expect(list({ status: 'renamed', from: 'eclass/x.eclass', path: 'eclass/y.eclass' })).toHaveLength(40);
  });
});
