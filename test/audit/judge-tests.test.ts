import { describe, expect, test } from 'vitest';
import { conclude } from '../../server/src/audit/conclusion.ts';
import { judge } from '../../server/src/audit/judge.ts';
import type { TrialRecord } from '../../server/src/audit/record.ts';
import { parseEbuild } from '../../server/src/ebuild/facts.ts';
import { applyEdits } from '../../server/src/ebuild/text-edit.ts';
import { bash } from '../ebuild/bash.ts';
import { makeRecord } from '../support/trial-record.ts';
import { evidence, need } from './observed.ts';

const HEAD = 'EAPI=8\n\nDESCRIPTION="x"\nSLOT="0"\n';
const ofTests = (name: string) =>
  need('BDEPEND', name, {
    evidence: [{ ...evidence, phase: 'test', path: '/usr/lib/python3/site-packages/toml.py' }],
  });

const findingsOf = (record: TrialRecord, text: string) => judge(record, parseEbuild(text, bash)).findings;

describe('what only src_test needs', () => {
  test('is declared with the flag test in IUSE, RESTRICT and BDEPEND', () => {
    const text = `${HEAD}\nBDEPEND="dev-lang/python"\n`;
    const [finding] = findingsOf(makeRecord(text, { needs: [ofTests('dev-python/toml')] }), text);
    expect(finding?.message).toBe(
      'Add test? ( dev-python/toml ) to BDEPEND, with the flag test in IUSE and RESTRICT="!test? ( test )": the build fails without /usr/lib/python3/site-packages/toml.py of dev-python/toml, and passes with it; only src_test needs it.',
    );
    expect(finding?.fix?.guess).toBeUndefined();
    expect(applyEdits(text, finding?.fix?.edits ?? [])).toBe(
      `${HEAD}IUSE="test"\nRESTRICT="!test? ( test )"\n\nBDEPEND="\n\tdev-lang/python\n\ttest? ( dev-python/toml )\n"\n`,
    );
  });

  test('needs only the atom where the flag is there, and no variable is', () => {
    const text = `${HEAD}IUSE="test"\nRESTRICT="!test? ( test )"\n`;
    const record = makeRecord(text, { iuse: ['test'], use: ['test'], needs: [ofTests('dev-python/toml')] });
    const [finding] = findingsOf(record, text);
    expect(finding?.message).toBe(
      'Add test? ( dev-python/toml ) to BDEPEND: the build fails without /usr/lib/python3/site-packages/toml.py of dev-python/toml, and passes with it; only src_test needs it.',
    );
    expect(applyEdits(text, finding?.fix?.edits ?? [])).toBe(
      `${text}\nBDEPEND="test? ( dev-python/toml )"\n`,
    );
  });

  test('is added to an ebuild without any of the variables', () => {
    const [finding] = findingsOf(makeRecord(HEAD, { needs: [ofTests('dev-python/toml')] }), HEAD);
    expect(applyEdits(HEAD, finding?.fix?.edits ?? [])).toBe(
      `${HEAD}IUSE="test"\nRESTRICT="!test? ( test )"\n\nBDEPEND="test? ( dev-python/toml )"\n`,
    );
  });

  test('is brought by the function of distutils-r1, if it is a test runner', () => {
    const text = 'EAPI=8\n\ninherit distutils-r1\n\nSLOT="0"\n\n# why\nsrc_install() {\n\t:\n}\n';
    const [finding] = findingsOf(makeRecord(text, { needs: [ofTests('dev-python/pytest')] }), text);
    expect(finding?.message).toBe(
      'Call distutils_enable_tests pytest, which declares dev-python/pytest under the flag test: the build fails without /usr/lib/python3/site-packages/toml.py of dev-python/pytest, and passes with it; only src_test needs it.',
    );
    expect(applyEdits(text, finding?.fix?.edits ?? [])).toBe(
      text.replace('# why', 'distutils_enable_tests pytest\n\n# why'),
    );
    const called = text.replace('# why', 'distutils_enable_tests pytest\n\n# why');
    const [again] = findingsOf(makeRecord(called, { needs: [ofTests('dev-python/pytest')] }), called);
    expect(again?.fix?.title).toBe('Add test? ( dev-python/pytest ) to BDEPEND');
  });

  test('is not what another phase needs too', () => {
    const both = { ...ofTests('dev-python/toml'), evidence: [...ofTests('x/y').evidence, evidence] };
    const [finding] = findingsOf(makeRecord(HEAD, { needs: [both] }), HEAD);
    expect(finding?.fix?.title).toBe('Add dev-python/toml to BDEPEND');
  });
});

test('the report says that src_test was not run, unless a USE state has run it', () => {
  const message = (record: TrialRecord) =>
    conclude(record, { findings: [], state: 'verified', isBuilt: true }, { now: 0 }).message;
  const untested = makeRecord(HEAD, { untested: 'left-out', iuse: ['test'] });
  const clean = 'The build used only declared packages.';
  expect(message(makeRecord(HEAD))).toBe(clean);
  expect(message(untested)).toBe(`${clean} src_test was not run: --tests runs it.`);
  const off = makeRecord(HEAD, { untested: 'left-out' });
  expect(message({ ...untested, variants: [off] })).toBe(`${clean} src_test was not run: --tests runs it.`);
  expect(message({ ...untested, variants: [makeRecord(HEAD, { use: ['test'] })] })).toBe(clean);
  const restricted = makeRecord(HEAD, { untested: 'restricted' });
  expect(message(restricted)).toBe(`${clean} src_test was not run: RESTRICT forbids it.`);
});
