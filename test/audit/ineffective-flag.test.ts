import { describe, expect, test } from 'vitest';
import { judge } from '../../server/src/audit/judge.ts';
import type { TrialRecord } from '../../server/src/audit/record.ts';
import { parseEbuild } from '../../server/src/ebuild/facts.ts';
import { applyEdits } from '../../server/src/ebuild/text-edit.ts';
import { bash } from '../ebuild/bash.ts';
import { makeRecord, NOTHING_DECLARED } from '../support/trial-record.ts';

const TEXT = 'EAPI=8\n\nSLOT="0"\nIUSE="i3 +X"\n\nsrc_configure() {\n\tuse i3 && use X\n}\n';

/** The record of USE states, each with a name for its image. */
function recordOf(images: Readonly<Record<string, string>>, text = TEXT, change: Partial<TrialRecord> = {}) {
  const states = Object.entries(images).map(([use, image]) =>
    makeRecord(text, { iuse: ['i3', 'X', 'test'], use: use.split(' ').filter(Boolean), image, ...change }),
  );
  const [first, ...variants] = states as [TrialRecord, ...TrialRecord[]];
  return { ...first, variants };
}

const findingsOf = (record: TrialRecord) => judge(record, parseEbuild(record.text, bash)).findings;

describe('ineffective-flag', () => {
  test('says that a flag works only beside another one', () => {
    const [finding, ...more] = findingsOf(recordOf({ '': 'a', i3: 'a', X: 'b', 'i3 X': 'c' }));
    expect(more).toEqual([]);
    expect([finding?.code, finding?.severity, finding?.message]).toEqual([
      'ineffective-flag',
      'information',
      'Add i3? ( X ) to REQUIRED_USE, or make the build follow each flag: USE=i3 changes nothing with USE=-X.',
    ]);
    expect(TEXT.slice(finding?.range.start, finding?.range.end)).toBe('i3');
    expect(finding?.fix?.guess).toBe(true);
    expect(applyEdits(TEXT, finding?.fix?.edits ?? [])).toBe(
      TEXT.replace('+X"\n', '+X"\nREQUIRED_USE="i3? ( X )"\n'),
    );
    expect(finding?.why?.trials).toEqual([
      'With no other flag, USE=i3 installs the same as USE=-i3.',
      'With USE="X", USE=i3 installs not the same as USE=-i3.',
    ]);
  });

  test('says that a flag works only without another one', () => {
    const [finding] = findingsOf(recordOf({ '': 'a', i3: 'b', X: 'c', 'i3 X': 'c' }));
    expect(finding?.message).toBe(
      'Add i3? ( !X ) to REQUIRED_USE, or make the build follow each flag: USE=i3 changes nothing with USE=X.',
    );
  });

  test('is a hint without an edit if the flag changes nothing at all', () => {
    const [finding] = findingsOf(recordOf({ '': 'a', i3: 'a', X: 'b', 'i3 X': 'b' }));
    expect([finding?.severity, finding?.fix, finding?.message]).toEqual([
      'hint',
      undefined,
      'Hand the flag i3 to the build, or remove it from IUSE: USE=i3 installs the same as USE=-i3 in the USE states that were tried, and no dependency names the flag.',
    ]);
  });

  test('says nothing about flags of which a state fails: it has the effect', () => {
    const record = recordOf({ '': 'a', i3: 'a', X: 'a' });
    const failed = makeRecord(TEXT, { iuse: ['i3', 'X'], use: ['i3', 'X'], outcome: 'failed' });
    const findings = findingsOf({ ...record, variants: [...record.variants, failed] });
    expect(findings.filter(({ code }) => code === 'ineffective-flag')).toEqual([]);
  });

  test.each([
    ['a state that was not built twice alike', { '': 'a', i3: 'b' }, TEXT, {}],
    ['one state', { '': 'a' }, TEXT, {}],
    ['the flag test', { '': 'a', test: 'a' }, TEXT.replace('i3', 'test'), {}],
    [
      'a dependency',
      { '': 'a', i3: 'a' },
      TEXT,
      { evaluated: { ...NOTHING_DECLARED, RDEPEND: 'i3? ( x/y )' } },
    ],
    [
      'a USE dependency',
      { '': 'a', i3: 'a' },
      TEXT,
      { evaluated: { ...NOTHING_DECLARED, RDEPEND: 'x/y[i3?]' } },
    ],
    ['RESTRICT', { '': 'a', i3: 'a' }, `${TEXT}RESTRICT="i3? ( strip )"\n`, {}],
    ['REQUIRED_USE', { '': 'a', i3: 'a' }, `${TEXT}REQUIRED_USE="i3? ( X )"\n`, {}],
    ['pkg_postinst', { '': 'a', i3: 'a' }, `${TEXT}pkg_postinst() {\n\tuse i3 && elog x\n}\n`, {}],
    ['a flag of an eclass', { '': 'a', i3: 'a' }, TEXT.replace('i3 ', ''), {}],
    ['a build that failed', { '': 'a', i3: 'a' }, TEXT, { outcome: 'failed' }],
  ] as const)('says nothing: %s', (_, images, text, change) => {
    expect(
      findingsOf(recordOf(images, text, change)).filter(({ code }) => code === 'ineffective-flag'),
    ).toEqual([]);
  });
});
