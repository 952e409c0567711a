import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';

const DOCUMENTS = [
  'README.md',
  'grammars/README.md',
  ...readdirSync('docs', { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .sort()
    .map((name) => join('docs', name)),
];

/** The end of a sentence and the beginning of another; "e.g." ends none. */
const TWO_SENTENCES = /(?<!e\.g)(?<!^\s*\d+)[.?!] ["`*[(]*[A-Z]/;
/** Tables, code and headings are not prose. */
const NO_PROSE = /^(\||#| {4})/;

const read = (path: string) => readFileSync(path, 'utf8');

/** GitHub's name for a heading. */
function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');
}

const anchorsIn = (text: string) =>
  [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) => anchorOf(heading));

describe.each(DOCUMENTS)('%s', (path) => {
  test('has one sentence per line, so that a change shows as a change', () => {
    const lines = read(path).split('\n');
    expect(lines.filter((line) => !NO_PROSE.test(line) && TWO_SENTENCES.test(line))).toEqual([]);
  });

  test('has links that lead somewhere', () => {
    for (const [, target = '', anchor] of read(path).matchAll(/\]\(([^)#:\s]*)(?:#([^)\s]+))?\)/g)) {
      const file = target === '' ? path : join(dirname(path), target);
      expect(existsSync(file), `${path} links to ${file}`).toBe(true);
      if (anchor !== undefined) expect(anchorsIn(read(file))).toContain(anchor);
    }
  });
});

test('the glossary is in alphabetical order, and names each word once', () => {
  const words = [...read('docs/glossary.md').matchAll(/^\*\*@?(.+)\.\*\*$/gm)].map(([, word = '']) =>
    word.toLowerCase(),
  );
  expect(words.length).toBeGreaterThan(50);
  expect(words).toEqual([...new Set(words)].sort());
});
