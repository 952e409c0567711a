import { describe, expect, test } from 'vitest';
import { judge } from '../../server/src/audit/judge.ts';
import { parseEbuild } from '../../server/src/ebuild/facts.ts';
import { applyEdits } from '../../server/src/ebuild/text-edit.ts';
import { bash } from '../ebuild/bash.ts';
import { makeRecord, NOTHING_DECLARED, NOTHING_INHERITED } from '../support/trial-record.ts';
import { evidence, need, use } from './observed.ts';

const TEXT =
  'EAPI=8\n\ninherit toolx-r1\n\nIUSE="test"\n\nBDEPEND="test? ( ${TOOLX_DEPS} )"\n\nsrc_install() {\n\t:\n}\n';

function recordOf(text: string, phase: string, uses: Parameters<typeof makeRecord>[1] = {}) {
  const needed = need('BDEPEND', 'app-misc/jq', {
    evidence: [{ ...evidence, phase, operation: 'look-up', path: '/usr/bin/jq' }],
  });
  return makeRecord(text, {
    iuse: ['test'],
    evaluated: { ...NOTHING_DECLARED, BDEPEND: 'test? ( app-misc/jq )' },
    inherited: { ...NOTHING_INHERITED, BDEPEND: ['app-misc/jq'] },
    needs: [needed],
    ...uses,
  });
}

const findingsOf = (record: ReturnType<typeof recordOf>, text = record.text) =>
  judge(record, parseEbuild(text, bash)).findings;

describe('a variable of an eclass in a conditional that its pkg_setup does not know', () => {
  test('is one finding, which calls pkg_setup under the flag', () => {
    const record = recordOf(TEXT, 'setup');
    const findings = findingsOf(record);
    expect(findings.map(({ code }) => code)).toEqual(['missing-use-conditional']);
    const [finding] = findings;
    expect(finding?.message).toBe(
      'Write pkg_setup() { use test && toolx-r1_pkg_setup; }, or take ${TOOLX_DEPS} out of the conditional: ${TOOLX_DEPS} brings app-misc/jq only under test?, and toolx-r1_pkg_setup needs it with USE=-test, too.',
    );
    const fixed = applyEdits(TEXT, finding?.fix?.edits ?? []);
    expect(fixed).toBe(
      TEXT.replace('src_install', 'pkg_setup() {\n\tuse test && toolx-r1_pkg_setup\n}\n\nsrc_install'),
    );
    expect(finding?.fix?.guess).toBeUndefined();
    expect(findingsOf(record, fixed)).toEqual([]);
  });

  test('is not sure where another eclass may have a pkg_setup', () => {
    const text = TEXT.replace('toolx-r1', 'toolx-r1 other');
    expect(findingsOf(recordOf(text, 'setup'))[0]?.fix?.guess).toBe(true);
  });

  test('has to leave the conditional if a later phase needs the package', () => {
    const messageFor = (phase: string) =>
      `Take \${TOOLX_DEPS} out of the conditional: \${TOOLX_DEPS} brings app-misc/jq only under test?, and ${phase} needs it with USE=-test, too.`;
    const [inCompile] = findingsOf(recordOf(TEXT, 'compile'));
    expect(inCompile?.message).toBe(messageFor('src_compile'));
    const later = recordOf(TEXT, 'setup', { uses: [use('app-misc/jq', ['program'])] });
    expect(findingsOf(later)[0]?.message).toBe(messageFor('pkg_setup'));
    expect(findingsOf(later)[0]?.fix).toBeUndefined();
  });

  test('may be used by src_test, which runs only under the flag', () => {
    const tested = makeRecord(TEXT, {
      iuse: ['test'],
      use: ['test'],
      uses: [use('app-misc/jq', ['program'])],
    });
    expect(findingsOf(recordOf(TEXT, 'setup', { variants: [tested] }))[0]?.fix).toBeDefined();
  });

  test('is no finding where the flag is on', () => {
    expect(findingsOf(recordOf(TEXT, 'setup', { use: ['test'] }))).toEqual([]);
  });
});
