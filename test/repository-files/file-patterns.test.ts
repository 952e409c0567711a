import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { repositoryFileAt } from '../../server/src/repository-files/repository-file.ts';

const KINDS: Readonly<Record<string, string>> = {
  'gentoo-profile': 'list',
  'gentoo-manifest': 'manifest',
  'gentoo-cache': 'cache',
};

test('the server knows every file to which the extension gives a language', () => {
  const { contributes } = JSON.parse(readFileSync('package.json', 'utf8')) as {
    contributes: { languages: { id: string; filenamePatterns?: string[] }[] };
  };
  const named = contributes.languages.flatMap(({ id, filenamePatterns = [] }) =>
    filenamePatterns.map((pattern) => ({ id, pattern })),
  );
  expect(named.length).toBeGreaterThan(30);
  for (const { id, pattern } of named) {
    // Nothing is taken from other projects: each pattern names a folder of a repository.
    expect(pattern).toMatch(/^\*\*\/(?:profiles|metadata\/md5-cache|\*-\*\/\*|virtual\/\*)\//);
    const path = `/repo/${pattern.replaceAll('**/', '').replaceAll('*', 'foo-1')}`;
    expect(repositoryFileAt(path)?.kind, path).toBe(KINDS[id]);
  }
});
