import { randomBytes } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Finding } from '../../server/src/audit/finding.ts';
import { formatSarif, GITHUB_LIMITS, LONGEST_TEXT } from '../../server/src/cli/report/sarif-report.ts';
import { isSeen } from '../../server/src/errors/visible-text.ts';
import type { Review } from '../../server/src/review/review.ts';
import {
  hostileReview,
  MISSING,
  makeEbuild,
  makeReview,
  makeSide,
  PATH,
  SETTING,
  TEXT,
  UNUSED,
} from './made-review.ts';

/** The only run of the document. */
function runOf(review: Review, limits = GITHUB_LIMITS) {
  const document = JSON.parse(formatSarif(review, SETTING, limits));
  expect(Object.keys(document)).toEqual(['$schema', 'version', 'runs']);
  expect(document.version).toBe('2.1.0');
  expect(document.runs).toHaveLength(1);
  return document.runs[0];
}

const notesOf = (review: Review, limits = GITHUB_LIMITS): unknown[] =>
  runOf(review, limits).invocations[0].toolExecutionNotifications.map(
    ({ level, message }: { level: string; message: { text: string } }) => `${level}: ${message.text}`,
  );

describe('SARIF', () => {
  test('has each new finding as a result, the most severe first, and neither fixed nor unchanged ones', () => {
    const { results, tool, columnKind } = runOf(
      makeReview([makeEbuild({ added: [UNUSED, MISSING], fixed: [MISSING], unchanged: [MISSING] })]),
    );
    expect(columnKind).toBe('utf16CodeUnits');
    const artifactLocation = { uri: PATH, uriBaseId: '%SRCROOT%' };
    expect(results).toEqual([
      {
        ruleId: 'missing-depend',
        ruleIndex: tool.driver.rules.findIndex(({ id }: { id: string }) => id === 'missing-depend'),
        level: 'error',
        message: {
          text: 'Add media-libs/libpng to DEPEND: the build fails without /usr/include/png.h of media-libs/libpng, and passes with it.\nsrc_compile › emake › make › cc1 tried to read /usr/include/png.h, which was hidden (2 times)',
        },
        locations: [
          {
            physicalLocation: {
              artifactLocation,
              region: { startLine: 2, startColumn: 10, endLine: 2, endColumn: 16 },
            },
          },
        ],
        partialFingerprints: { primaryLocationLineHash: expect.stringMatching(/^[0-9a-f]{16}:2$/) },
        fixes: [
          {
            description: { text: 'Add media-libs/libpng to DEPEND' },
            artifactChanges: [
              {
                artifactLocation,
                replacements: [
                  {
                    deletedRegion: { startLine: 3, startColumn: 1, endLine: 3, endColumn: 1 },
                    insertedContent: { text: '\tmedia-libs/libpng:=\n' },
                  },
                ],
              },
            ],
          },
        ],
      },
      expect.objectContaining({ ruleId: 'unused', level: 'note', fixes: [expect.anything()] }),
    ]);
  });

  test('has the same rules for every review, with the pages of the findings, within the limits of GitHub', () => {
    const { rules } = runOf(makeReview([])).tool.driver;
    expect(runOf(makeReview([makeEbuild({ added: [MISSING] })])).tool.driver.rules).toEqual(rules);
    expect(rules.length).toBeGreaterThan(30);
    for (const rule of rules) {
      for (const { text } of [rule.shortDescription, rule.fullDescription]) {
        expect(text).toMatch(/\S/);
        expect(text.length).toBeLessThanOrEqual(1024);
      }
      expect(rule.help.text).toContain('## How to fix it');
      expect(rule.help.markdown).not.toMatch(/\]\((?!https:\/\/)/);
      expect(rule.help.markdown).not.toMatch(/ \(cut\)$/);
      expect(rule.properties.tags.length).toBeLessThanOrEqual(10);
      expect(rule.helpUri).toBe(
        `https://github.com/ebuild-audit/ebuild-audit/blob/main/docs/findings/${rule.id}.md`,
      );
    }
    const missing = rules.find(({ id }: { id: string }) => id === 'missing-depend');
    expect(missing.shortDescription.text).toMatch(/^The build needs a header, .* does not declare\.$/);
    expect(missing.fullDescription.text).toContain(' DEPEND lists the packages that must be installed, ');
    expect(missing.defaultConfiguration.level).toBe('error');
    expect(missing.help.markdown).toContain(
      '[silencing](https://github.com/ebuild-audit/ebuild-audit/blob/main/docs/silencing.md)',
    );
  });

  test('gives a finding the same fingerprint when its lines move, and alike ones different fingerprints', () => {
    const hashes = (added: readonly Finding[], unchanged: readonly Finding[] = []): string[] =>
      runOf(makeReview([makeEbuild({ added, unchanged })])).results.map(
        (result: { partialFingerprints: { primaryLocationLineHash: string } }) =>
          result.partialFingerprints.primaryLocationLineHash,
      );
    const moved: Finding = { ...MISSING, range: { start: 0, end: 3 }, message: 'Another path shows it.' };
    expect(hashes([moved])).toEqual(hashes([MISSING]));
    const [first, second] = hashes([MISSING, moved]);
    expect(second).toBe(first?.replace(/:1$/, ':2'));
    // A finding that stays keeps its number.
    expect(hashes([moved], [MISSING])).toEqual([second]);
    expect(hashes([{ ...MISSING, about: ['other/package'] }])).not.toEqual([first]);
  });

  test('says in notifications what a review says beside its new findings', () => {
    const failed = makeSide(TEXT, {
      outcome: 'failed',
      failure: { phase: 'compile', firstError: 'a.c:1: no' },
      gaps: ['a gap'],
    });
    const review = makeReview([makeEbuild({ after: failed, isJudged: false })], { removed: 1 });
    expect(notesOf(review)).toEqual([
      'note: 0 new, 0 fixed, 0 unchanged, 1 ebuild not judged – 1 package, 1 USE state, 1.0 s',
      `error: ${PATH} (new, compared with foo-1.ebuild): not judged: No missing dependency explains the failure: the compile phase failed: a.c:1: no`,
      `note: ${PATH} (new, compared with foo-1.ebuild): not observed: a gap`,
      'note: 1 removed ebuild was not looked at.',
    ]);
    expect(runOf(review).invocations[0].executionSuccessful).toBe(false);
    expect(runOf(makeReview([makeEbuild()])).invocations[0].executionSuccessful).toBe(true);
  });

  test('is within the limits of GitHub, and says how many findings had no room', () => {
    const many = (messages: readonly string[]) => {
      const added = messages.map((message): Finding => ({ ...UNUSED, alternatives: [], message }));
      return makeReview([makeEbuild({ added: [...added, { ...MISSING, evidence: [] }] })]);
    };
    const limits = { results: 25, bytes: 30_000 };
    const small = many(Array.from({ length: limits.results }, () => ''));
    const { results } = runOf(small, limits);
    expect(results).toHaveLength(limits.results);
    expect(results[0].level).toBe('error');
    expect(notesOf(small, limits)[0]).toBe('warning: 1 new finding had no room here.');
    const noise = () => randomBytes(LONGEST_TEXT / 2).toString('base64');
    const large = many(Array.from({ length: 19 }, noise));
    const fitting = runOf(large, limits).results;
    expect(fitting).toHaveLength(10);
    expect(gzipSync(JSON.stringify(fitting)).length).toBeLessThan(limits.bytes);
    expect(notesOf(large, limits)[0]).toBe('warning: 10 new findings had no room here.');
    expect(GITHUB_LIMITS.results).toBeLessThanOrEqual(25_000);
    expect(GITHUB_LIMITS.bytes).toBeLessThan(10_000_000);
  });

  test('cuts a long message with a note, and leaves out a fix with a long edit', () => {
    const long: Finding = {
      ...MISSING,
      message: '😀'.repeat(LONGEST_TEXT),
      fix: { title: 'x', edits: [{ start: 0, end: 0, newText: 'x'.repeat(LONGEST_TEXT + 1) }] },
    };
    const [result] = runOf(makeReview([makeEbuild({ added: [long] })])).results;
    expect(result.message.text.length).toBeLessThanOrEqual(LONGEST_TEXT);
    expect(result.message.text).toMatch(/^😀+ … \(cut\)$/u);
    expect(result.fixes).toBeUndefined();
  });

  test('has a path as a relative reference, whatever its bytes are', () => {
    const uri = (path: string) =>
      runOf(makeReview([makeEbuild({ path, added: [MISSING] })])).results[0].locations[0].physicalLocation
        .artifactLocation.uri;
    expect(uri('a b/c:d/100%#?é\udcff.ebuild')).toBe('a%20b/c%3Ad/100%25%23%3F%C3%A9%FF.ebuild');
    expect(uri('x:y/\ud800')).toBe('x%3Ay/%EF%BF%BD');
  });

  test('takes no name of an ebuild for a link, an address or a character that cannot be seen', () => {
    fc.assert(
      fc.property(hostileReview, (review) => {
        const json = formatSarif(review, SETTING);
        expect(isSeen(json)).toBe(true);
        const [run] = JSON.parse(json).runs;
        const [result] = run.results;
        const { uri } = result.locations[0].physicalLocation.artifactLocation;
        expect(uri).toMatch(/^dev-test\/foo\/(?:[\w!'()*.~/-]|%[0-9A-F]{2})*$/);
        const texts: string[] = [
          result.message.text,
          ...result.fixes.map(({ description }: { description: { text: string } }) => description.text),
          ...run.invocations[0].toolExecutionNotifications.map(
            ({ message }: { message: { text: string } }) => message.text,
          ),
        ];
        for (const text of texts) {
          expect(isSeen(text)).toBe(true);
          expect(text).not.toContain('](');
        }
        // One line for the message and one for the access.
        expect(result.message.text.split('\n')).toHaveLength(2);
        expect(run.results).toHaveLength(1);
        const [fix] = result.fixes;
        expect(fix.artifactChanges[0].replacements[0].insertedContent.text).toBe(
          review.ebuilds[0]?.added[0]?.fix?.edits[0]?.newText,
        );
      }),
    );
  });
});
