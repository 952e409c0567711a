import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatRdjson } from '../../server/src/cli/report/rdjson-report.ts';
import { isSeen } from '../../server/src/errors/visible-text.ts';
import {
  hostileReview,
  MISSING,
  makeEbuild,
  makeReview,
  PATH,
  SETTING,
  TEXT,
  UNUSED,
} from './made-review.ts';

interface Position {
  readonly line: number;
  readonly column: number;
}
interface Range {
  readonly start: Position;
  readonly end: Position;
}

/** The text with a suggestion applied as reviewdog reads it: lines and bytes, counted from 1. */
function apply(text: string, { range, text: newText }: { range: Range; text: string }): string {
  const lines = text.split('\n').map((line) => Buffer.from(`${line}\n`));
  const offset = ({ line, column }: Position) =>
    lines.slice(0, line - 1).reduce((sum, { length }) => sum + length, 0) + column - 1;
  const bytes = Buffer.concat(lines).subarray(0, -1);
  return Buffer.concat([
    bytes.subarray(0, offset(range.start)),
    Buffer.from(newText),
    bytes.subarray(offset(range.end)),
  ]).toString();
}

describe('rdjson', () => {
  test('has each new finding with its page and a suggestion for each edit; columns count bytes', () => {
    const review = makeReview([
      makeEbuild({ added: [UNUSED, MISSING], fixed: [MISSING], unchanged: [MISSING] }),
    ]);
    const document = JSON.parse(formatRdjson(review, SETTING));
    const page = 'https://github.com/ebuild-audit/ebuild-audit/blob/main/docs/findings';
    expect(document).toEqual({
      source: { name: 'ebuild-audit', url: 'https://github.com/ebuild-audit/ebuild-audit' },
      diagnostics: [
        {
          message:
            'Add `media-libs/libpng` to DEPEND: the build fails without `/usr/include/png.h` of `media-libs/libpng`, and passes with it.\n`src_compile` › emake › make › `cc1` tried to read `/usr/include/png.h`, which was hidden (2 times)',
          location: {
            path: PATH,
            // Before it are two bytes of "ä" and four of "𐐀".
            range: { start: { line: 2, column: 13 }, end: { line: 2, column: 19 } },
          },
          severity: 'ERROR',
          code: { value: 'missing-depend', url: `${page}/missing-depend.md` },
          suggestions: [
            {
              range: { start: { line: 3, column: 1 }, end: { line: 3, column: 1 } },
              text: '\tmedia-libs/libpng:=\n',
            },
          ],
        },
        {
          message: expect.stringContaining('`sys-libs/zlib`'),
          location: { path: PATH, range: { start: { line: 3, column: 2 }, end: { line: 3, column: 15 } } },
          severity: 'INFO',
          code: { value: 'unused', url: `${page}/unused.md` },
        },
      ],
    });
    expect(apply(TEXT, document.diagnostics[0].suggestions[0])).toBe(
      TEXT.replace('\tsys', '\tmedia-libs/libpng:=\n\tsys'),
    );
  });

  test('of a review without new findings has none', () => {
    expect(
      JSON.parse(formatRdjson(makeReview([makeEbuild({ fixed: [MISSING] })]), SETTING)).diagnostics,
    ).toEqual([]);
  });

  test('places its suggestions, whatever the text is, and has no half of a character, which Go refuses', () => {
    fc.assert(
      fc.property(hostileReview, (review) => {
        const json = formatRdjson(review, SETTING);
        expect(isSeen(json)).toBe(true);
        const document = JSON.parse(json);
        const walk = (value: unknown): void => {
          if (typeof value === 'string') expect(value).not.toMatch(/\p{Cs}/u);
          else if (typeof value === 'object' && value !== null) Object.values(value).forEach(walk);
        };
        walk(document);
        const [diagnostic] = document.diagnostics;
        expect(document.diagnostics).toHaveLength(1);
        expect(diagnostic.message.split('\n')).toHaveLength(2);
        const { text } = review.ebuilds[0]?.after ?? { text: '' };
        const edit = review.ebuilds[0]?.added[0]?.fix?.edits[0];
        if (edit === undefined || /\p{Cs}/u.test(text + edit.newText)) return;
        const isWhole = !/[\ud800-\udbff]$/.test(text.slice(0, edit.start));
        if (isWhole)
          expect(apply(text, diagnostic.suggestions[0])).toBe(text.slice(0, edit.start) + edit.newText);
      }),
    );
  });
});
