import { describe, expect, test } from 'vitest';
import { createKnownFindings, createTally } from '../../server/src/sweep/tally.ts';
import { faultyLine, triedLine, untriedLine } from './lines.ts';

describe('the tally of a sweep', () => {
  test('counts each ebuild once, and its findings by code, maintainer and eclass', () => {
    const tally = createTally(undefined);
    tally.add({ ...faultyLine('a/b/b-1.ebuild', ['x', 'y']), maintainers: ['m@x', 'n@x'] });
    tally.add({ ...faultyLine('a/c/c-1.ebuild', ['x']), storedAt: '2026-01-01T00:00:00.000Z' });
    tally.add(triedLine({ file: 'a/d/d-1.ebuild' }));
    tally.add(
      triedLine({
        findings: [{ code: 'unused', severity: 'hint', message: 'm' }],
        identities: ['z'],
        file: 'a/e/e-1.ebuild',
      }),
    );
    const failure = { phase: 'compile', firstError: 'no rule' };
    tally.add(triedLine({ file: 'a/f/f-1.ebuild', outcome: 'failed', judged: false, failure }));
    tally.add(untriedLine({ file: 'a/g/g-1.ebuild' }));
    expect(tally.read()).toMatchObject({
      ...{ ebuilds: 6, clean: 2, faulty: 2, unjudged: 1, untried: 1, fromRecords: 1, added: undefined },
      codes: [
        { name: 'missing-depend', ebuilds: 2, errors: 3, examples: ['a/b/b-1.ebuild', 'a/c/c-1.ebuild'] },
        { name: 'unused', ebuilds: 1, advice: 1 },
      ],
      maintainers: [
        { name: 'm@x', ebuilds: 1, faulty: 1, errors: 2 },
        { name: 'n@x', ebuilds: 1, faulty: 1, errors: 2 },
        { name: 'larry@example.org', ebuilds: 4, faulty: 1, errors: 1, advice: 1 },
      ],
      eclasses: [{ name: 'cmake', ebuilds: 5, faulty: 2, errors: 3 }],
      notJudged: [{ file: 'a/f/f-1.ebuild', sentence: 'compile failed: no rule' }],
      notTried: [{ file: 'a/g/g-1.ebuild', sentence: 'The distfile is missing.' }],
    });
  });

  test('calls a finding new that no version of the package had in the last sweep', () => {
    const known = createKnownFindings();
    known.note(faultyLine('a/b/b-1.ebuild', ['x']));
    known.note(untriedLine({ file: 'a/c/c-1.ebuild' }));
    const tally = createTally(known);
    tally.add(faultyLine('a/b/b-2.ebuild', ['x', 'y']));
    tally.add(faultyLine('a/c/c-1.ebuild', ['x']));
    const { added, codes } = tally.read();
    expect(added).toMatchObject({
      count: 2,
      first: [
        { file: 'a/b/b-2.ebuild', message: 'y' },
        { file: 'a/c/c-1.ebuild', message: 'x' },
      ],
    });
    expect(codes).toMatchObject([{ name: 'missing-depend', errors: 3, added: 2 }]);
  });

  test('keeps some examples and notes, and counts all', () => {
    const tally = createTally(createKnownFindings());
    for (let at = 0; at < 2000; at++) {
      tally.add(faultyLine(`a/b${at}/b-1.ebuild`, ['x', 'y']));
      tally.add(untriedLine({ file: `a/c${at}/c-1.ebuild` }));
    }
    const { codes, added, notTried, untried } = tally.read();
    expect(codes).toMatchObject([{ ebuilds: 2000, errors: 4000, added: 4000 }]);
    expect(codes[0]?.examples.length).toBeLessThan(100);
    expect([added?.count, untried]).toEqual([4000, 2000]);
    expect([added?.first.length, notTried.length]).toEqual([500, 500]);
  });
});
