import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Finding } from '../../server/src/audit/finding.ts';
import { formatMarkdown, LONGEST_COMMENT } from '../../server/src/cli/report/markdown-report.ts';
import { toWholeLines } from '../../server/src/cli/report/whole-lines.ts';
import { isSeen } from '../../server/src/errors/visible-text.ts';
import {
  hostileReview,
  MISSING,
  makeEbuild,
  makeReview,
  makeSide,
  SETTING,
  TEXT,
  UNUSED,
} from './made-review.ts';
import { readBlocks, withoutCode } from './markdown-reader.ts';

const PAGES = 'https://github.com/ebuild-audit/ebuild-audit/blob/main/docs/findings';

describe('Markdown', () => {
  test('as a whole text', () => {
    const review = makeReview(
      [
        makeEbuild({
          added: [MISSING],
          fixed: [UNUSED],
          unchanged: [UNUSED],
          after: makeSide(TEXT, { gaps: ['a gap'] }),
        }),
      ],
      { removed: 1 },
    );
    expect(formatMarkdown(review, SETTING)).toBe(
      [
        '1 new, 1 fixed, 1 unchanged – 1 package, 1 USE state, 1.0 s',
        '',
        '<details>',
        '<summary><code>dev-test/foo/foo-2.ebuild</code> (new, compared with <code>foo-1.ebuild</code>): 1 new, 1 fixed, 1 unchanged</summary>',
        '',
        `**error** [\`missing-depend\`](${PAGES}/missing-depend.md), line 2: Add \`media-libs/libpng\` to DEPEND: the build fails without \`/usr/include/png.h\` of \`media-libs/libpng\`, and passes with it.`,
        '',
        '- `src_compile` › emake › make › `cc1` tried to read `/usr/include/png.h`, which was hidden (2 times)',
        '',
        'Fix: Add `media-libs/libpng` to DEPEND (line 3):',
        '',
        '```suggestion',
        '\tmedia-libs/libpng:=',
        '\tsys-libs/zlib',
        '```',
        '',
        `Fixed: **hint** [\`unused\`](${PAGES}/unused.md), line 3: Remove \`sys-libs/zlib\` from DEPEND if nothing else needs it: the build without it installs the same image.`,
        '',
        'Not observed: a gap',
        '',
        '</details>',
        '',
        '1 removed ebuild was not looked at.',
      ].join('\n'),
    );
  });

  test('has the first line of the text form, also for nothing to review', () => {
    expect(formatMarkdown(makeReview([], { baseName: '@user' }), SETTING)).toBe(
      'No ebuild is added or changed between `@user` and HEAD: there is nothing to review; name another range such as `HEAD~1`.',
    );
  });

  test('shows a fix of several edits, and one that cannot be seen, as a diff', () => {
    const blocks = (fix: Finding['fix'] & {}) =>
      readBlocks(formatMarkdown(makeReview([makeEbuild({ added: [{ ...MISSING, fix }] })]), SETTING)).blocks;
    const edit = MISSING.fix?.edits[0] ?? { start: 0, end: 0, newText: '' };
    const two = blocks({ title: 'Both', edits: [{ start: 0, end: 0, newText: '# x\n' }, edit] });
    expect(two).toEqual([{ language: 'diff', text: expect.stringContaining('+# x\n EAPI=8\n') as unknown }]);
    const hidden = blocks({ title: 'Hidden', edits: [{ ...edit, newText: '\u202e\n' }] });
    expect(hidden).toEqual([{ language: 'diff', text: expect.stringContaining('+\\u{202e}\n') as unknown }]);
  });

  test('is cut between two findings at the length of a comment, and says how many are left out', () => {
    const finding = (at: number): Finding => ({ ...MISSING, message: `finding${at} ${'😀'.repeat(300)}` });
    const added = Array.from({ length: 60 }, (_, at) => finding(at));
    const ebuilds = [makeEbuild({ added }), makeEbuild({ added, fixed: [UNUSED] })];
    const markdown = formatMarkdown(makeReview(ebuilds, { removed: 1 }), SETTING);
    expect(markdown.length).toBeLessThanOrEqual(LONGEST_COMMENT);
    expect(markdown.length).toBeGreaterThan(LONGEST_COMMENT - 3000);
    const shown = markdown.match(/\*\*error\*\*/g)?.length ?? 0;
    expect(markdown.split('\n\n').slice(-3)).toEqual([
      '</details>',
      `${120 - shown} new findings and 1 fixed one are left out, because a comment has no more room: run the review to see them.`,
      '1 removed ebuild was not looked at.',
    ]);
    expect(markdown.match(/<details>/g)).toHaveLength(markdown.match(/<\/details>/g)?.length ?? 0);
    expect(readBlocks(markdown).blocks).toHaveLength(shown);
  });

  test('fits whatever an ebuild is called and however long it writes', () => {
    const long = 'x'.repeat(100_000);
    const finding: Finding = {
      ...MISSING,
      message: long,
      evidence: Array.from({ length: 5 }, () => ({ ...MISSING.evidence[0], path: long }) as never),
      fix: { title: long, edits: [{ start: 0, end: 0, newText: long }] },
      alternatives: [{ title: long, edits: [] }],
    };
    const ebuild = makeEbuild({ path: long, from: long, added: [finding], fixed: [finding] });
    const eclasses = [{ name: long, inheriting: 2, taken: 1 }];
    const markdown = formatMarkdown(makeReview([ebuild], { eclasses }), SETTING);
    expect(markdown.length).toBeLessThanOrEqual(LONGEST_COMMENT);
    expect(readBlocks(markdown).prose.filter((line) => line === '</details>')).toHaveLength(1);
    expect(markdown).toContain('(cut)');
  });

  test('takes no name of an ebuild for markup, a link, a mention or a reference', () => {
    const words = /^[\p{L}\p{N}\u2423 .,:;"“”()'’–›-]*$/u;
    fc.assert(
      fc.property(hostileReview, (review) => {
        const markdown = formatMarkdown(review, SETTING);
        expect(isSeen(markdown)).toBe(true);
        const { prose } = readBlocks(markdown);
        const tags = prose.filter((line) => line.startsWith('<'));
        expect(tags).toEqual(['<details>', expect.stringMatching(/^<summary>.*<\/summary>$/), '</details>']);
        const summary = tags[1]?.replace(/^<summary>|<\/summary>$/g, '') ?? '';
        expect(summary.replace(/<code>[^<>"']*<\/code>/g, '\u2423')).toMatch(words);
        for (const line of prose.filter((text) => !text.startsWith('<'))) {
          const bare = withoutCode(line.replace(/^- /, '').replace(/\*\*error\*\* /g, ''));
          expect(bare.replaceAll(`[\u2423](${PAGES}/missing-depend.md)`, '\u2423')).toMatch(words);
        }
      }),
    );
  });
});

describe('an edit of whole lines', () => {
  test('does the same as the edit', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('a', 'b', '\n'), maxLength: 12 }),
        fc.nat(12),
        fc.nat(12),
        fc.string({ unit: fc.constantFrom('c', '\n'), maxLength: 4 }),
        (text, one, other, newText) => {
          const [start, end] = [
            Math.min(one, other, text.length),
            Math.min(Math.max(one, other), text.length),
          ];
          const { first, last, lines } = toWholeLines(text, { start, end, newText });
          const all = text.match(/.*\n|.+$/g) ?? [];
          const replaced = [...all.slice(0, first - 1), lines, ...all.slice(last)].join('');
          expect(replaced).toBe(text.slice(0, start) + newText + text.slice(end));
        },
      ),
      { numRuns: 1000 },
    );
  });

  test('of a removed line is empty', () => {
    expect(toWholeLines('a\nb\nc\n', { start: 2, end: 4, newText: '' })).toEqual({
      first: 2,
      last: 2,
      lines: '',
    });
  });
});
