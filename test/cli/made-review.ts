/** Reviews for the tests of their forms. */
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import type { Finding } from '../../server/src/audit/finding.ts';
import type { TrialRecord } from '../../server/src/audit/record.ts';
import type { ReviewSetting } from '../../server/src/cli/report/report.ts';
import type { AuditedSide } from '../../server/src/review/audit-side.ts';
import type { Review, ReviewedEbuild } from '../../server/src/review/review.ts';
import { makeRecord, NOTHING_DECLARED } from '../support/trial-record.ts';
import { EVIDENCE, NOW } from './fakes.ts';

export const PATH = 'dev-test/foo/foo-2.ebuild';
/** The column of DEPEND's value is another one in UTF-16 units, in code points and in bytes. */
export const TEXT = 'EAPI=8\nX="ä𐐀"; DEPEND="\n\tsys-libs/zlib\n"\n';
const depend = TEXT.indexOf('DEPEND');
const atom = TEXT.indexOf('\tsys-libs');

export const MISSING: Finding = {
  code: 'missing-depend',
  severity: 'error',
  message:
    'Add media-libs/libpng to DEPEND: the build fails without /usr/include/png.h of media-libs/libpng, and passes with it.',
  range: { start: depend, end: depend + 'DEPEND'.length },
  evidence: [EVIDENCE],
  about: ['media-libs/libpng'],
  fix: {
    title: 'Add media-libs/libpng to DEPEND',
    edits: [{ start: atom, end: atom, newText: '\tmedia-libs/libpng:=\n' }],
  },
};
export const UNUSED: Finding = {
  code: 'unused',
  severity: 'hint',
  message:
    'Remove sys-libs/zlib from DEPEND if nothing else needs it: the build without it installs the same image.',
  range: { start: atom + 1, end: atom + 1 + 'sys-libs/zlib'.length },
  evidence: [],
  about: ['sys-libs/zlib'],
  alternatives: [
    {
      title: 'Remove it',
      edits: [{ start: atom, end: TEXT.indexOf('"\n', atom), newText: '' }],
      guess: true,
    },
    { title: 'Say why', edits: [], guess: true },
  ],
};

/** A trial that builds for 0.5 s and then compares for 0.3 s. */
const TIME = {
  began: 1100,
  ended: 1900,
  phases: [
    { name: 'compile', began: 1200 },
    { name: 'comparing compile', began: 1600 },
  ],
};

export function makeSide(text: string, record: Partial<TrialRecord> = {}): AuditedSide {
  const done = makeRecord(text, record);
  const state = done.outcome === 'passed' ? ('verified' as const) : ('not-verified' as const);
  return {
    file: `/clone/${PATH}`,
    text,
    written: [],
    findings: [],
    trial: {
      kind: 'done',
      record: done,
      verdict: { findings: [], state, isBuilt: true },
      time: { ...TIME },
    },
  };
}

export function makeEbuild(change: Partial<ReviewedEbuild> = {}): ReviewedEbuild {
  return {
    path: PATH,
    from: 'dev-test/foo/foo-1.ebuild',
    package: 'dev-test/foo',
    cause: { kind: 'added' },
    isOriginKept: true,
    isManifestChanged: true,
    before: makeSide(TEXT),
    after: makeSide(TEXT),
    isJudged: true,
    notTried: [],
    added: [],
    fixed: [],
    unchanged: [],
    ...change,
  };
}

export function makeReview(ebuilds: readonly ReviewedEbuild[], change: Partial<Review> = {}): Review {
  return {
    baseName: 'HEAD~1',
    headName: 'HEAD',
    eclasses: [],
    removed: 0,
    ebuilds,
    states: ebuilds.length,
    fromRecords: 0,
    began: 1000,
    elapsed: 1000,
    ...change,
  };
}

export const SETTING: ReviewSetting = {
  now: () => NOW,
  why: false,
  readPage: (code) => readFileSync(`docs/findings/${code}.md`, 'utf8'),
};

/** What an ebuild could put into its names to be more than a name. */
const LURES = [
  '\n',
  '\r',
  '\r\n',
  '\0',
  '\u001b[31m',
  '\u202e',
  '\u2028',
  '\u0085',
  '\udc80',
  '\ud800',
  '%',
  '%0A',
  ':',
  ',',
  '::',
  '::error::',
  '##[error]',
  ']]>',
  '<',
  '>',
  '&',
  '"',
  "'",
  '</details>',
  '<script>',
  '<!--',
  '-->',
  '|',
  '`',
  '```',
  '````',
  '~~~',
  '@user',
  '#123',
  'GH-1',
  '[a](https://evil.test)',
  '![a](x)',
  '](',
  '](1)',
  'https://evil.test/x',
  'www.evil.test',
  'evil@evil.test',
  '\\',
  '*',
  '**',
  '_',
  '$',
  '{0}',
  '{',
  '    x',
  '- x',
  '# x',
  '1. x',
  ':tada:',
  'a1b2c3d4e5f6a7b8c9d0a1b2c3d4e5f6a7b8c9d0',
  'x/y#1',
  'x/y@a1b2c3d',
  '&lt;',
  '&#60;',
  '$x$',
  'ä',
  '😀',
];

/** A text that tries to be more than a name. */
export const hostileText = fc
  .array(fc.oneof(fc.constantFrom(...LURES), fc.string({ unit: 'binary', maxLength: 4 })), {
    minLength: 1,
    maxLength: 8,
  })
  .map((parts) => parts.join(''));

/** A review in which every name and sentence that an ebuild has in its hand is hostile. */
export const hostileReview = fc
  .record({
    path: hostileText,
    from: hostileText,
    message: hostileText,
    title: hostileText,
    newText: hostileText,
    line: hostileText,
    read: hostileText,
    gap: hostileText,
    name: hostileText,
    error: hostileText,
    isFailed: fc.boolean(),
  })
  .map(({ path, from, message, title, newText, line, read, gap, name, error, isFailed }) => {
    const text = `${line}\nDEPEND="${line}"\n`;
    const middle = Math.floor(text.length / 2);
    const finding: Finding = {
      code: 'missing-depend',
      severity: 'error',
      message,
      range: { start: 0, end: middle },
      evidence: [{ ...EVIDENCE, path: read, chain: [read, name] }],
      about: [],
      fix: { title, edits: [{ start: middle, end: text.length, newText }] },
      alternatives: [{ title, edits: [{ start: 0, end: middle, newText }], guess: true }],
    };
    const reached = { category: name, name: read, version: name, slot: '0', subslot: '0', use: [] };
    const uses = { package: reached, bounds: [], kinds: [{ kind: 'header' as const, evidence: [] }] };
    const after = makeSide(text, {
      packageAndVersion: path,
      packageManager: name,
      iuse: [name],
      evaluated: { ...NOTHING_DECLARED, DEPEND: `${read} ${name}`, BDEPEND: line },
      gaps: [gap],
      needs: [{ package: reached, atom: title, variable: 'DEPEND', certainty: 'proven', evidence: [] }],
      uses: [
        { ...uses, atom: message, licence: 'declared' },
        { ...uses, atom: gap, licence: 'closure', through: [path] },
      ],
      variants: [makeRecord(text, { iuse: [name], use: [name] })],
      ...(isFailed && { outcome: 'failed' as const, failure: { phase: 'compile', firstError: error } }),
    });
    const ebuild = makeEbuild({
      path: `dev-test/foo/${path}`,
      from: `dev-test/foo/${from}`,
      after,
      added: [finding],
      fixed: [finding],
      unchanged: [finding],
      isJudged: !isFailed,
      notTried: [name],
      lookedFor: { newly: [name], noLonger: [name] } as ReviewedEbuild['lookedFor'] & {},
      imageChanges: {
        added: [{ path: read }],
        removed: [{ path: read, files: 5 }],
        sonames: [{ before: name, after: read }],
        newlyLinked: [{ soname: name, path: read }],
        noLongerLinked: [{ soname: name, path: read }],
      },
    });
    const eclasses = [{ name, inheriting: 20, taken: 10 }];
    return makeReview([ebuild], { eclasses, removed: 1, baseName: name, headName: name });
  });
