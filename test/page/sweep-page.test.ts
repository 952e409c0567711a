import { parse } from 'parse5';
import { describe, expect, test } from 'vitest';
import { formatSweepPage } from '../../server/src/page/sweep-page.ts';
import { createKnownFindings, createTally } from '../../server/src/sweep/tally.ts';
import { faultyLine, triedLine, untriedLine } from '../sweep/lines.ts';

const HOSTILE = '<script>alert(1)</script>"\u202e&';

/** The page, which no browser would have to repair. */
function checked(page: string): string {
  const errors: string[] = [];
  parse(page, { onParseError: ({ code }) => void errors.push(code), sourceCodeLocationInfo: true });
  expect(errors).toEqual([]);
  expect(page).not.toMatch(/<script|<img|\son\w+=|\sstyle=|\u202e/);
  return page;
}

describe('the page of a sweep', () => {
  test('has the numbers by code, by maintainer and by eclass, and what is new', () => {
    const known = createKnownFindings();
    known.note(faultyLine('a/b/b-1.ebuild', ['x']));
    const tally = createTally(known);
    tally.add(faultyLine('a/b/b-1.ebuild', ['x', 'y']));
    tally.add({ ...triedLine({ file: 'a/c/c-1.ebuild' }), storedAt: '2026-01-01T00:00:00.000Z' });
    tally.add(untriedLine({ file: 'a/d/d-1.ebuild', problem: 'The distfile x is missing: fetch it.' }));
    const page = checked(formatSweepPage({ summary: tally.read(), total: 5, isFinished: false }, 0));
    expect(page).toContain('<h1>Sweep of 5 ebuilds</h1>');
    expect(page).toContain('1 clean, 1 with errors or warnings, 0 not judged, 1 not tried.');
    expect(page).toContain('3 ebuilds of 5 have ended so far. Stored records answered 1 trial.');
    expect(page).toMatch(
      /By code<\/h2>[\s\S]*missing-depend\.md"><code>missing-depend<\/code><\/a><\/th><td><details><summary>1<\/summary>[\s\S]*a\/b\/b-1\.ebuild[\s\S]*<td class="number">2<\/td>\s*<td class="number">0<\/td>\s*<td class="number">0<\/td>\s*<td class="number">1<\/td>/,
    );
    expect(page).toMatch(
      /By maintainer<\/h2>[\s\S]*larry@example\.org<\/code><\/th><td class="number">2<\/td><td class="number">1<\/td>/,
    );
    expect(page).toMatch(/By eclass<\/h2>[\s\S]*<code>cmake<\/code>/);
    expect(page).toMatch(/New since the last sweep<\/h2>[\s\S]*a\/b\/b-1\.ebuild[\s\S]*<td>y<\/td>/);
    expect(page).toMatch(/Not tried<\/h2>[\s\S]*The distfile x is missing/);
  });

  test('says that there is nothing where there is nothing', () => {
    const nothing = createTally(createKnownFindings()).read();
    const page = checked(formatSweepPage({ summary: nothing, total: 1, isFinished: true }, 0));
    for (const words of ['Sweep of 1 ebuild<', 'No finding is new.', 'Nothing was found.', 'There is none.'])
      expect(page).toContain(words);
    expect(page).toContain('All trials have ended.');
    const alone = formatSweepPage({ summary: createTally(undefined).read(), total: 1, isFinished: true }, 0);
    expect(alone).not.toContain('New since');
  });

  test('has no markup of a name or a sentence, whatever it is', () => {
    const tally = createTally(createKnownFindings());
    const names = { maintainers: [HOSTILE], eclasses: [HOSTILE] };
    tally.add({
      ...faultyLine(HOSTILE, [HOSTILE]),
      ...names,
      findings: [{ code: HOSTILE, severity: 'error', message: HOSTILE }],
    });
    const failure = { phase: HOSTILE, firstError: HOSTILE };
    tally.add(triedLine({ file: HOSTILE, outcome: 'failed', judged: false, failure, ...names }));
    tally.add(untriedLine({ file: HOSTILE, problem: HOSTILE, ...names }));
    const page = checked(formatSweepPage({ summary: tally.read(), total: 3, isFinished: true }, 0));
    expect(page).toContain('&lt;script&gt;');
    expect(page).not.toMatch(/href="[^"]*script/);
  });

  test('counts the rows that it leaves out, and cuts long sentences', () => {
    const tally = createTally(undefined);
    for (let at = 0; at < 1000; at++)
      tally.add(untriedLine({ file: `a/b${at}/b-1.ebuild`, problem: 'long '.repeat(1000) }));
    const page = checked(formatSweepPage({ summary: tally.read(), total: 1000, isFinished: true }, 0));
    expect(page).toContain('700 more are left out.');
    expect(page.length).toBeLessThan(200_000);
  });
});
