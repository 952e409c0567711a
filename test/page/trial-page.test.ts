import { parse } from 'parse5';
import { describe, expect, test } from 'vitest';
import type { Finding } from '../../server/src/audit/finding.ts';
import type { InstalledImage, TrialRecord } from '../../server/src/audit/record.ts';
import { formatComparisonPage } from '../../server/src/page/comparison-page.ts';
import { formatTrialPage } from '../../server/src/page/trial-page.ts';
import { compareTrials } from '../../server/src/review/compare-trials.ts';
import { makeNeed, makeUse } from '../cli/made-page.ts';
import { makeRecord } from '../support/trial-record.ts';

const TEXT = 'EAPI=8\nDEPEND=""\n';
const HOSTILE = '<script>alert(1)</script>"\u202e&';

const finding = (message: string): Finding => ({
  code: 'missing-depend',
  severity: 'error',
  message,
  range: { start: 7, end: 13 },
  evidence: [],
  about: ['media-libs/libpng'],
  fix: { title: 'Add it', edits: [{ start: 15, end: 15, newText: 'media-libs/libpng' }] },
});

const judged = (record: TrialRecord, findings: readonly Finding[] = []) => ({
  record,
  verdict: { findings, state: 'verified' as const, isBuilt: true },
});

/** The page, which no browser would have to repair. */
function checked(page: string): string {
  const errors: string[] = [];
  parse(page, { onParseError: ({ code }) => void errors.push(code), sourceCodeLocationInfo: true });
  expect(errors).toEqual([]);
  expect(page).not.toMatch(/<script|<img|\son\w+=|\sstyle=|\u202e/);
  return page;
}

const trialPage = (record: TrialRecord, findings: readonly Finding[] = []) =>
  checked(
    formatTrialPage({ path: 'foo-1.ebuild', text: TEXT, ...judged(record, findings), change: undefined }, 0),
  );

describe('the page of a trial', () => {
  test('has the findings with their edits, and the packages with a number and a bar each', () => {
    const page = trialPage(
      makeRecord(TEXT, {
        needs: [makeNeed('media-libs/libpng')],
        uses: [makeUse('sys-libs/zlib'), makeUse('sys-apps/sed', { licence: 'system' })],
        gaps: ['a program outside'],
      }),
      [finding('The build needs media-libs/libpng.')],
    );
    expect(page).toContain('<h1>Trial of media-gfx/foo-1</h1>');
    expect(page).toContain('+DEPEND=&quot;media-libs/libpng&quot;');
    expect(page).toMatch(
      /media-libs\/libpng-1<\/code><\/th><td>needed and not declared in DEPEND<\/td><td class="number">\d/,
    );
    expect(page).toContain('<td>used, in @system</td>');
    // The bar repeats the number, so a reader of the screen leaves it out.
    expect(page).toMatch(/aria-hidden="true"><rect class="missing" width="100\.0"/);
    expect(page).toContain('a program outside');
  });

  test('has no time line of a record without times, and says little of an empty trial', () => {
    const page = trialPage(makeRecord(TEXT));
    expect(page).toContain('No findings.');
    expect(page).toContain('The trial saw no package.');
    expect(page).not.toMatch(/time line/i);
  });

  test('has a row for each phase, in which each of its times has a part', () => {
    const phases = [
      { name: 'preparing', began: 0 },
      { name: 'compile', began: 2000 },
      { name: 'comparing compile', began: 62_000 },
      { name: 'compile', began: 70_000 },
    ];
    const page = trialPage(makeRecord(TEXT, { time: { took: 75_000, phases } }));
    expect(page).toContain('<h2 id="time-line">Time line</h2>');
    const [, table = ''] = /The times as a table<\/summary>([\s\S]*?)<\/table>/.exec(page) ?? [];
    const rows = [
      ...table.matchAll(/<code>(.*?)<\/code><\/th><td class="number">(.*?)<\/td><td>(.*?)<\/td>/g),
    ];
    expect(rows.map(([, ...cells]) => cells)).toEqual([
      ['preparing', '0.0 s', 'build 2.0 s'],
      ['compile', '2.0 s', 'build 1 min 0 s, build 5.0 s'],
      ['comparing compile', '1 min 2 s', 'builds for comparison 8.0 s'],
    ]);
    expect(page.match(/<rect class="(?:build|comparison)"/g)).toHaveLength(4);
  });

  test('takes no name for markup', () => {
    trialPage(
      makeRecord(TEXT, {
        category: HOSTILE,
        time: { took: 1, phases: [{ name: HOSTILE, began: 0 }] },
        packageManager: HOSTILE,
        iuse: [HOSTILE],
        gaps: [HOSTILE],
        needs: [makeNeed(`media-libs/${HOSTILE}`)],
        variants: [makeRecord(TEXT, { failure: { phase: HOSTILE, firstError: HOSTILE }, iuse: [HOSTILE] })],
      }),
      [finding(HOSTILE)],
    );
  });

  test('has no more rows than somebody reads, and says how many are left out', () => {
    const uses = Array.from({ length: 230 }, (_, at) => makeUse(`dev-libs/n${at}`));
    expect(trialPage(makeRecord(TEXT, { uses }))).toContain('30 more are left out.');
  });
});

describe('the page of two trials', () => {
  const image = (...files: string[]): InstalledImage => ({ files, elf: [] });
  function compare(before: TrialRecord, after: TrialRecord, ...findings: (readonly Finding[])[]) {
    const [old, late] = [judged(before, findings[0]), judged(after, findings[1])];
    const comparison = compareTrials(old, late);
    const named = { before: { ...old, name: `before ${HOSTILE}` }, after: { ...late, name: 'after' } };
    return checked(formatComparisonPage({ file: 'foo-1.ebuild', ...named, comparison }, 0));
  }

  test('has what differs: findings, packages, files, the build and the text', () => {
    const page = compare(
      makeRecord(TEXT, { installed: image('/usr/bin/old'), uses: [makeUse('sys-libs/zlib')] }),
      makeRecord(`${TEXT}# ${HOSTILE}\n`, {
        installed: image('/usr/bin/new'),
        uses: [makeUse('dev-libs/glib')],
        iuse: ['png'],
        outcome: 'failed',
        failure: { phase: 'compile', firstError: HOSTILE },
      }),
      [finding('gone')],
    );
    for (const words of [
      'sys-libs/zlib',
      'dev-libs/glib',
      '/usr/bin/old',
      '/usr/bin/new',
      '-png',
      'failed in compile',
    ])
      expect(page).toContain(words);
    expect(page).toContain('<summary>Fixed: 1</summary>');
  });

  test('two trials that are the same differ in nothing, and it says so', () => {
    const record = makeRecord(TEXT, { installed: image('/a'), uses: [makeUse('sys-libs/zlib')] });
    const page = compare(record, record);
    for (const sentence of [
      'No new findings.',
      'Both trials saw the same packages in the same ways.',
      'Both images have the same files and link the same libraries.',
      'Nothing that a record has of the builds differs.',
      'Both trials built the same text.',
    ])
      expect(page).toContain(sentence);
  });

  test('without a list of files the images are not called the same', () => {
    expect(compare(makeRecord(TEXT), makeRecord(TEXT))).toContain('The images cannot be compared');
  });
});
