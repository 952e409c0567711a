/** A review with all that a page shows, for the tests of its form and of its look. */
import type { Finding } from '../../server/src/audit/finding.ts';
import type { Need, PackageUse } from '../../server/src/audit/record.ts';
import type { Review } from '../../server/src/review/review.ts';
import { makeRecord, NOTHING_DECLARED } from '../support/trial-record.ts';
import { EVIDENCE, NOW } from './fakes.ts';
import { MISSING, makeEbuild, makeReview, makeSide, TEXT, UNUSED } from './made-review.ts';

function packageOf(name: string) {
  const [category = '', own = ''] = name.split('/');
  return { category, name: own, version: '1', slot: '0', subslot: '0', use: [] };
}

export function makeUse(name: string, change: Partial<PackageUse> = {}): PackageUse {
  return {
    package: packageOf(name),
    atom: name,
    licence: 'declared',
    kinds: [{ kind: 'header', evidence: [EVIDENCE] }],
    bounds: [],
    ...change,
  };
}

export function makeNeed(name: string): Need {
  return {
    package: packageOf(name),
    atom: name,
    variable: 'DEPEND',
    certainty: 'proven',
    evidence: [EVIDENCE],
  };
}

const EXPLAINED: Finding = {
  ...MISSING,
  evidence: [EVIDENCE, { ...EVIDENCE, chain: [], operation: 'look-up', count: 1 }],
  why: {
    owner: 'media-libs/libpng-1.6.39',
    rule: 'What is built against belongs in DEPEND (PMS 8.1).',
    trials: ['src_compile fails without it.', 'src_compile passes with it.'],
  },
};
const WARNING: Finding = { ...MISSING, severity: 'warning', code: 'transitive', evidence: [] };
const NOTE: Finding = { ...MISSING, severity: 'information', code: 'not-installed', fix: undefined };

const FULL = makeSide(TEXT, {
  category: 'dev-test',
  packageAndVersion: 'foo-2',
  iuse: ['png', 'ssl'],
  use: ['png'],
  storedAt: NOW,
  gaps: ['A program ran outside the trace'],
  needs: [makeNeed('media-libs/libpng'), makeNeed('virtual/pkgconfig')],
  uses: [
    makeUse('sys-libs/zlib', {
      kinds: [
        { kind: 'linked', evidence: [] },
        { kind: 'header', evidence: [] },
      ],
    }),
    makeUse('dev-build/cmake', { kinds: [{ kind: 'program', evidence: [] }] }),
    makeUse('dev-libs/libffi', { licence: 'closure', through: ['dev-libs/glib'] }),
    makeUse('dev-libs/libpcre2', { licence: 'closure', through: ['dev-libs/glib', 'sys-libs/zlib'] }),
    makeUse('sys-libs/glibc', { licence: 'system' }),
  ],
  evaluated: {
    ...NOTHING_DECLARED,
    DEPEND: 'sys-libs/zlib dev-libs/glib:2= !app-text/blocked',
    BDEPEND: '>=dev-util/new-7 dev-build/cmake || ( app-misc/one app-misc/two )',
    RDEPEND: 'sys-libs/zlib:= png? ( app-text/idle ) ssl? ( dev-libs/openssl )',
  },
  notInstalled: [{ variable: 'BDEPEND', atom: '>=dev-util/new-7' }],
  variants: [
    makeRecord(TEXT, {
      iuse: ['png', 'ssl'],
      outcome: 'failed',
      failure: { phase: 'compile', firstError: 'foo.c:1: fatal error: png.h: No such file' },
    }),
  ],
});

/** Its ebuilds: one with everything, one that could not be tried, and one with more packages than are drawn. */
export const PAGE: Review = makeReview(
  [
    makeEbuild({
      after: FULL,
      added: [EXPLAINED, WARNING, NOTE, UNUSED],
      fixed: [UNUSED],
      unchanged: [MISSING],
      known: [UNUSED],
      lookedFor: { newly: ['media-libs/libpng'], noLonger: ['media-libs/jasper'] },
    }),
    makeEbuild({
      path: 'dev-test/bar/bar-1.ebuild',
      from: undefined,
      before: undefined,
      after: { ...makeSide(TEXT), trial: { kind: 'refused', reason: 'A distfile of it is missing.' } },
      isJudged: false,
    }),
    makeEbuild({
      path: 'dev-test/big/big-1.ebuild',
      from: 'dev-test/big/big-1.ebuild',
      cause: { kind: 'changed' },
      after: makeSide(TEXT, { uses: Array.from({ length: 30 }, (_, at) => makeUse(`dev-libs/part${at}`)) }),
    }),
  ],
  {
    removed: 1,
    states: 3,
    fromRecords: 1,
    baseline: { name: 'baseline.json', hidden: 1, stale: [] },
  },
);
