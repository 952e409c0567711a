import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { comparePages, readPages, writeTables } from '../../scripts/readme-tables.ts';
import { OWN_CODES } from '../../server/src/audit/finding.ts';
import { mainSeverity, readPageHead, withoutLinks } from '../../server/src/cli/finding-page.ts';

const PAGES = 'docs/findings';
const CODES = [...OWN_CODES].sort();
const readPage = (code: string) => readFileSync(`${PAGES}/${code}.md`, 'utf8');

describe('the pages of the findings', () => {
  test('every code has a page, and every page has a code', () => {
    const pages = readPages(PAGES);
    expect(comparePages(pages)).toEqual([]);
    expect(pages.map(({ code }) => code).sort()).toEqual(CODES);
  });

  test.each(CODES)('%s begins with its severity and a summary of one sentence', (code) => {
    const head = readPageHead(readPage(code));
    expect(head?.code).toBe(code);
    expect(['error', 'warning', 'information', 'hint']).toContain(head && mainSeverity(head));
    expect(head?.summary).toMatch(/^[A-Z][^.]*(\.[^ .][^.]*)*\.$/);
  });

  test.each(CODES)('%s has the headings that every page has', (code) => {
    expect(readPage(code).match(/^## .*$/gm)).toEqual([
      '## What it means',
      '## How to fix it',
      '## How it is found',
      '## When it is not reported',
      '## How to silence it',
    ]);
  });

  test.each(CODES.filter((code) => code !== 'stale-ignore'))(
    '%s shows the comment that silences it',
    (code) => {
      const [, section = ''] = readPage(code).split('## How to silence it\n');
      expect(section).toMatch(new RegExp(`^\\n    # audit: ignore ${code}( [\\w-]+/[\\w-]+)? – .+\\n`));
    },
  );
});

describe('the tables of the README', () => {
  test('are those of the pages; "node scripts/run.mjs finding-tables" writes them', () => {
    const readme = readFileSync('README.md', 'utf8');
    expect(writeTables(readme, readPages(PAGES))).toBe(readme);
  });

  const README =
    'before\n<!-- findings: trial -->\nold\n<!-- end of findings -->\nbetween\n<!-- findings: text -->\n<!-- end of findings -->\nbelow\n<!-- findings: review -->\n<!-- end of findings -->\nafter\n';
  const page = (code: string, severity: string) => ({ code, severity, summary: `About ${code}.` });

  test('list the findings of trials, of the text and of reviews apart, the most severe first', () => {
    const pages = [
      page('automagic', 'warning'),
      page('duplicate-atom', 'warning; information where …'),
      page('missing-depend', 'error'),
      page('not-tried', 'information'),
      page('unused', 'hint, faded'),
    ];
    const written = writeTables(README, pages);
    expect(written).toBe(`before
<!-- findings: trial -->

| code | severity | meaning |
|---|---|---|
| [missing-depend](docs/findings/missing-depend.md) | error | About missing-depend. |
| [automagic](docs/findings/automagic.md) | warning | About automagic. |
| [unused](docs/findings/unused.md) | hint | About unused. |

<!-- end of findings -->
between
<!-- findings: text -->

| code | severity | meaning |
|---|---|---|
| [duplicate-atom](docs/findings/duplicate-atom.md) | warning | About duplicate-atom. |

<!-- end of findings -->
below
<!-- findings: review -->

| code | severity | meaning |
|---|---|---|
| [not-tried](docs/findings/not-tried.md) | information | About not-tried. |

<!-- end of findings -->
after
`);
    expect(writeTables(written, pages)).toBe(written);
  });

  test('cannot be written where the README has no place for them', () => {
    expect(() => writeTables('no marks\n', [])).toThrow('README.md has no "<!-- findings: trial -->"');
  });

  test('a page without a code and a code without a page are told', () => {
    const pages = readPages(PAGES).filter(({ code }) => code !== 'unused');
    expect(comparePages([...pages, page('nonsense', 'error')])).toEqual([
      'The code unused has no page: write docs/findings/unused.md.',
      'docs/findings/nonsense.md has no code: add nonsense to TRIAL_CODES, STATIC_CODES or REVIEW_CODES in server/src/audit/finding.ts, or remove the page.',
    ]);
  });
});

test.each([
  ['# a-b (error)\n\nOne [line](x.md).\n', { code: 'a-b', severity: 'error', summary: 'One line.' }],
  ['# a-b (error)\n\nTwo\nlines.\n', undefined],
  ['# a-b\n\nNo severity.\n', undefined],
  ['Nothing', undefined],
])('the beginning of %j', (text, head) => {
  expect(readPageHead(text)).toEqual(head);
  expect(withoutLinks('[a](b) `c`')).toBe('a `c`');
});
