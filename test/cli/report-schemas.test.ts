/** Reports of all kinds against the schemas that are published for them. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Finding } from '../../server/src/audit/finding.ts';
import type { Probe } from '../../server/src/audit/record.ts';
import type { TrialReport } from '../../server/src/cli/report/report.ts';
import { openReport } from '../../server/src/cli/report/report-forms.ts';
import type { Review } from '../../server/src/review/review.ts';
import { makeRecord } from '../support/trial-record.ts';
import { colors, EVIDENCE, NOW } from './fakes.ts';
import { hostileReview, MISSING, makeEbuild, makeReview, makeSide, TEXT, UNUSED } from './made-review.ts';
import { readSchema, validate } from './schemas.ts';

function open(probes = false) {
  const printed: string[] = [];
  const report = openReport('json', { print: (text) => void printed.push(text), colors, probes });
  return { report, read: (): unknown => JSON.parse(printed.join('')) };
}

function describeReview(review: Review): unknown {
  const { report, read } = open();
  report.reviewed(review);
  return read();
}

function describeTrials(run: (open: (file: string) => TrialReport) => void, probes = false): unknown {
  const { report, read } = open(probes);
  run((file) => report.openTrial(file));
  report.trialsEnded();
  return read();
}

const EXPLAINED: Finding = {
  ...MISSING,
  why: { owner: 'media-libs/libpng-1.6', rule: 'It is read.', trials: ['It fails without it.'] },
};
const BARE: Finding = { ...UNUSED, code: 'network-access', about: [], why: { rule: 'None.', trials: [] } };
const PROBE: Probe = {
  package: { category: 'media-libs', name: 'libpng', version: '1.6.39', slot: '0', subslot: '16', use: [] },
  atom: 'media-libs/libpng',
  variables: ['DEPEND'],
  effect: 'none',
  differences: [],
  evidence: [EVIDENCE],
};
const FAILED = {
  outcome: 'failed',
  failure: { phase: 'compile', firstError: 'no' },
  storedAt: NOW,
  gaps: ['a gap'],
} as const;
const REFUSED = { ...makeSide(TEXT), trial: { kind: 'refused', reason: 'There is no root.' } } as const;

const FULL = makeReview(
  [
    makeEbuild({
      added: [EXPLAINED, BARE],
      fixed: [UNUSED],
      unchanged: [MISSING],
      known: [{ ...UNUSED, code: 'pkgcheck:RedundantVersion' }],
      lookedFor: { newly: ['a/a'], noLonger: ['b/b'] },
    }),
    makeEbuild({ from: undefined, before: undefined, after: makeSide(TEXT, FAILED), isJudged: false }),
    makeEbuild({ cause: { kind: 'file', path: 'a/b/files/x' }, after: REFUSED, isJudged: false }),
    makeEbuild({ cause: { kind: 'eclass', name: 'x' }, before: REFUSED }),
  ],
  {
    eclasses: [{ name: 'x', inheriting: 20, taken: 10 }],
    removed: 1,
    elapsed: 10.5,
    baseline: {
      name: 'b.json',
      hidden: 1,
      stale: [
        {
          file: 'a/b/b-1.ebuild',
          code: 'unused',
          level: 'advice',
          about: 'a/a',
          count: 2,
          reason: 'finding-gone',
          left: 1,
        },
      ],
      written: 3,
    },
  },
);

const TRIAL = { text: TEXT, record: makeRecord(TEXT, { ...FAILED, probes: [PROBE] }) };
const VERDICT = {
  findings: [EXPLAINED, BARE],
  silenced: [{ finding: UNUSED, reason: 'kept', place: 'line 7' }],
  state: 'verified' as const,
  isBuilt: true,
};
const CHECK = (() => {
  const { report, read } = open();
  report.checked({ file: 'x', text: TEXT, isFixed: true, findings: [UNUSED], silenced: VERDICT.silenced });
  report.checkEnded({ incomplete: ['A master is missing.'], hasFailed: false });
  return read();
})();
const VERIFIED = describeTrials((begin) => {
  const trial = begin('x');
  trial.trial({ ...TRIAL, verdict: VERDICT });
  trial.trial({ text: TEXT, record: makeRecord(TEXT), verdict: { ...VERDICT, findings: [] } });
}, true);

describe('a report is what its schema says', () => {
  test('of a review with everything', () => {
    expect(validate('review', describeReview(FULL))).toEqual([]);
    expect(validate('review', describeReview(makeReview([])))).toEqual([]);
  });

  test('of a review, whatever an ebuild is called', () => {
    fc.assert(
      fc.property(hostileReview, (review) => {
        // A name of a package comes from a path, so it has no slash.
        const lookedFor = { newly: [], noLonger: [] };
        const ebuilds = review.ebuilds.map((ebuild) => ({ ...ebuild, lookedFor }));
        expect(validate('review', describeReview({ ...review, ebuilds }))).toEqual([]);
      }),
    );
  });

  test('of trials and checks', () => {
    expect(validate('trial', VERIFIED)).toEqual([]);
    const several = describeTrials((begin) => {
      begin('x').trial({ ...TRIAL, verdict: VERDICT });
      begin('y').problem('There is no root.');
    });
    expect(validate('trial', several)).toEqual([]);
    expect(validate('check', CHECK)).toEqual([]);
  });
});

/** The paths of all objects in a document. */
function listObjects(value: unknown, path: readonly string[] = []): (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [];
  const below = Object.entries(value).flatMap(([key, child]) => listObjects(child, [...path, key]));
  return Array.isArray(value) ? below : [path, ...below];
}

function follow(value: unknown, path: readonly string[]): Record<string, unknown> {
  return path.reduce((at, key) => (at as Record<string, unknown>)[key], value) as Record<string, unknown>;
}

describe('a schema refuses', () => {
  test.each([
    ['review', describeReview(FULL)],
    ['trial', VERIFIED],
    ['check', CHECK],
  ] as const)('a key that %s does not describe, and one that is missing, in every object', (name, report) => {
    const objects = listObjects(report);
    expect(objects.length).toBeGreaterThan(10);
    for (const path of objects) {
      const more = structuredClone(report);
      follow(more, path).another = 1;
      expect(validate(name, more), `/${path.join('/')}`).not.toEqual([]);
    }
    for (const key of Object.keys(follow(report, []))) {
      const less = structuredClone(report);
      delete follow(less, [])[key];
      expect(validate(name, less), key).not.toEqual([]);
    }
  });

  test('nothing of what the schemas leave open: every object is closed', () => {
    for (const name of ['finding', 'review', 'trial', 'check', 'sweep'] as const) {
      const schema = readSchema(name);
      for (const path of listObjects(schema)) {
        const part = follow(schema, path);
        if (part.type === 'object') expect(part.additionalProperties, path.join('/')).toBe(false);
      }
    }
  });
});
