import { describe, expect, test } from 'vitest';
import { inTextOrder } from '../../server/src/audit/finding-order.ts';
import { fixAll } from '../../server/src/audit/fix-all.ts';
import { joinFindings } from '../../server/src/audit/join-findings.ts';
import { judge } from '../../server/src/audit/judge.ts';
import type { Need, TrialRecord } from '../../server/src/audit/record.ts';
import { judgeSilenced } from '../../server/src/audit/silencing/judge-silenced.ts';
import { parseEbuild } from '../../server/src/ebuild/facts.ts';
import { applyEdits } from '../../server/src/ebuild/text-edit.ts';
import type { DependencyVariable } from '../../server/src/pms/dependency-variable.ts';
import { bash } from '../ebuild/bash.ts';
import { makeRecord } from '../support/trial-record.ts';
import { evidence, need } from './observed.ts';

const PNG = 'media-libs/libpng';
const ebuild = (dependencies: string, iuse = '') =>
  `EAPI=8\n\nDESCRIPTION="x"\nSLOT="0"\n${iuse}\n${dependencies}`;
const APART = 'RDEPEND="sys-libs/zlib"\nDEPEND="dev-libs/tree"\n';

const built = (more: Partial<Need> = {}) => need('DEPEND', PNG, more);
const linked = (more: Partial<Need> = {}) =>
  need('RDEPEND', PNG, {
    evidence: [
      {
        ...evidence,
        phase: 'install',
        program: '/usr/bin/hello',
        chain: ['/usr/bin/hello'],
        operation: 'link',
        path: '/usr/lib64/libpng16.so.16',
        result: 'seen',
        count: 1,
      },
    ],
    ...more,
  });

const judged = (text: string, change: Partial<TrialRecord>) =>
  judge(makeRecord(text, change), parseEbuild(text, bash)).findings;
const joinedOf = (text: string, change: Partial<TrialRecord>) =>
  joinFindings(inTextOrder(judged(text, change)));
const joined = (text: string, needs: readonly Need[]) => joinedOf(text, { needs });

/** What the findings add, and where. */
const additions = (text: string, change: Partial<TrialRecord>) =>
  joinedOf(text, change).map(({ message }) => /^(?:Perhaps a|A)dd (.*? to .*?): /.exec(message)?.[1]);
const targets = (text: string, needs: readonly Need[]) =>
  additions(text, { needs }).map((addition) => addition?.replace(/^.* to /, ''));

const BOTH_REASONS =
  'the build fails without /usr/include/png.h of media-libs/libpng, and passes with it; /usr/bin/hello links /usr/lib64/libpng16.so.16 of media-libs/libpng';

describe('a library that both DEPEND and RDEPEND lack', () => {
  const text = ebuild(APART);

  test('is one finding, with one remedy and both reasons', () => {
    const [finding, ...others] = joined(text, [built(), linked()]);
    expect(others).toEqual([]);
    expect(finding).toMatchObject({ code: 'missing-depend', severity: 'error', about: [PNG] });
    expect(finding?.message).toBe(`Add media-libs/libpng to DEPEND and RDEPEND: ${BOTH_REASONS}.`);
    expect(finding?.evidence.map(({ path }) => path)).toEqual([
      '/usr/include/png.h',
      '/usr/lib64/libpng16.so.16',
    ]);
    expect(finding?.why).toEqual({
      owner: 'media-libs/libpng-1.6.43',
      rule: 'A header must be installed for the machine that the package will run on: DEPEND (PMS 8.1). A library that an installed file links (DT_NEEDED) must be installed when the package runs: RDEPEND (PMS 8.1).',
      trials: ['The build fails without media-libs/libpng and passes with it.'],
    });
  });

  test('is underlined where the first edit goes, and one fix writes both', () => {
    const [finding] = joined(text, [built(), linked()]);
    expect(text.slice(finding?.range.start, finding?.range.end)).toBe('RDEPEND="sys-libs/zlib"');
    expect(finding?.fix).toMatchObject({ title: 'Add media-libs/libpng to DEPEND and RDEPEND' });
    expect(finding?.fix?.guess).toBeUndefined();
    expect(applyEdits(text, finding?.fix?.edits ?? [])).toBe(
      ebuild(
        'RDEPEND="\n\tmedia-libs/libpng\n\tsys-libs/zlib\n"\nDEPEND="\n\tdev-libs/tree\n\tmedia-libs/libpng\n"\n',
      ),
    );
  });

  test.each([
    ['DEPEND="${RDEPEND}"\n', 'RDEPEND', 'RDEPEND="media-libs/libpng"\nDEPEND="${RDEPEND}"\n'],
    [
      'RDEPEND="sys-libs/zlib"\nDEPEND="${RDEPEND}\n\tdev-libs/tree\n"\n',
      'RDEPEND',
      'RDEPEND="\n\tmedia-libs/libpng\n\tsys-libs/zlib\n"\nDEPEND="${RDEPEND}\n\tdev-libs/tree\n"\n',
    ],
    [
      'DEPEND="sys-libs/zlib"\nRDEPEND="${DEPEND}"\n',
      'DEPEND',
      'DEPEND="\n\tmedia-libs/libpng\n\tsys-libs/zlib\n"\nRDEPEND="${DEPEND}"\n',
    ],
    [
      'COMMON="\n\tsys-libs/zlib\n"\nRDEPEND="${COMMON}"\nDEPEND="${COMMON}"\n',
      'COMMON',
      'COMMON="\n\tmedia-libs/libpng\n\tsys-libs/zlib\n"\nRDEPEND="${COMMON}"\nDEPEND="${COMMON}"\n',
    ],
  ])('is written once where one variable takes the other over: %j', (before, target, after) => {
    const [finding, ...others] = joined(ebuild(before), [built(), linked()]);
    expect(others).toEqual([]);
    expect(finding?.message).toBe(`Add media-libs/libpng to ${target}: ${BOTH_REASONS}.`);
    expect(finding?.fix?.title).toBe(`Add media-libs/libpng to ${target}`);
    expect(applyEdits(ebuild(before), finding?.fix?.edits ?? [])).toBe(ebuild(after));
  });

  test('is written into an ebuild that has neither variable', () => {
    const bare = ebuild('');
    const [finding, ...others] = joined(bare, [built(), linked()]);
    expect(others).toEqual([]);
    const fixed = applyEdits(bare, finding?.fix?.edits ?? []);
    for (const variable of ['DEPEND', 'RDEPEND'])
      expect(fixed).toMatch(new RegExp(`^${variable}="(media-libs/libpng|\\$\\{R?DEPEND\\})"$`, 'm'));
    expect(judged(fixed, { needs: [built(), linked()] })).toEqual([]);
  });

  test.each([
    [
      'RDEPEND="sys-libs/zlib"\n',
      'RDEPEND="\n\tmedia-libs/libpng\n\tsys-libs/zlib\n"\nDEPEND="media-libs/libpng"\n',
    ],
    [
      'DEPEND="sys-libs/zlib"\n',
      'RDEPEND="media-libs/libpng"\nDEPEND="\n\tmedia-libs/libpng\n\tsys-libs/zlib\n"\n',
    ],
  ])('is written into an ebuild that has one variable: %j', (before, after) => {
    const [finding, ...others] = joined(ebuild(before), [built(), linked()]);
    expect(others).toEqual([]);
    expect(applyEdits(ebuild(before), finding?.fix?.edits ?? [])).toBe(ebuild(after));
  });

  test('gets the same text from the one fix as from the fixes of both', () => {
    const needs = [built(), linked()];
    const [finding] = joined(text, needs);
    expect(applyEdits(text, finding?.fix?.edits ?? [])).toBe(
      fixAll(text, (today) => ({ findings: judged(today, { needs }) })),
    );
  });

  test('is written with the line ends of the ebuild', () => {
    const dos = text.replaceAll('\n', '\r\n');
    const [finding] = joined(dos, [built(), linked()]);
    expect(applyEdits(dos, finding?.fix?.edits ?? [])).toBe(
      ebuild(
        'RDEPEND="\n\tmedia-libs/libpng\n\tsys-libs/zlib\n"\nDEPEND="\n\tdev-libs/tree\n\tmedia-libs/libpng\n"\n',
      ).replaceAll('\n', '\r\n'),
    );
  });

  test('is put under the flag that needs it, and says the flag once', () => {
    const conditional = ebuild(APART, 'IUSE="png"\n');
    const off = makeRecord(conditional, { iuse: ['png'] });
    const change = { iuse: ['png'], use: ['png'], needs: [built(), linked()], variants: [off] };
    const [finding, ...others] = joinedOf(conditional, change);
    expect(others).toEqual([]);
    expect(finding?.message).toBe(
      `Add png? ( media-libs/libpng ) to DEPEND and RDEPEND: ${BOTH_REASONS}; only USE=png needs it.`,
    );
    expect(applyEdits(conditional, finding?.fix?.edits ?? [])).toBe(
      ebuild(
        'RDEPEND="\n\tsys-libs/zlib\n\tpng? ( media-libs/libpng )\n"\nDEPEND="\n\tdev-libs/tree\n\tpng? ( media-libs/libpng )\n"\n',
        'IUSE="png"\n',
      ),
    );
  });

  test('gets the more specific atom of the two in both', () => {
    const needs = [built({ atom: `>=${PNG}-1.6:=` }), linked({ atom: `${PNG}:=` })];
    expect(additions(text, { needs })).toEqual([`>=${PNG}-1.6:= to DEPEND and RDEPEND`]);
  });

  test('is an error if the one is an error and the other a warning', () => {
    const loaded = linked({ named: { kind: 'python', wanted: 'png' } });
    expect(judged(text, { needs: [loaded] }).map(({ severity }) => severity)).toEqual(['warning']);
    expect(joined(text, [built(), loaded]).map(({ severity }) => severity)).toEqual(['error']);
  });

  test('has a fix that is a guess if both fixes are', () => {
    // Either flag may be the one that needs it.
    const conditional = ebuild(APART, 'IUSE="a b"\n');
    const off = makeRecord(conditional, { iuse: ['a', 'b'] });
    const change = { iuse: ['a', 'b'], use: ['a', 'b'], needs: [built(), linked()], variants: [off] };
    expect(joinedOf(conditional, change).map(({ fix }) => [fix?.title, fix?.guess])).toEqual([
      ['Add a? ( media-libs/libpng ) to DEPEND and RDEPEND', true],
    ]);
  });

  test('is joined for each package that both lack', () => {
    const tiff = [need('DEPEND', 'media-libs/tiff'), need('RDEPEND', 'media-libs/tiff')];
    expect(additions(text, { needs: [built(), ...tiff, linked()] }).sort()).toEqual([
      'media-libs/libpng to DEPEND and RDEPEND',
      'media-libs/tiff to DEPEND and RDEPEND',
    ]);
  });

  test('leaves the other findings in their order', () => {
    const tool = need('BDEPEND', 'dev-util/tool');
    const late = need('RDEPEND', 'dev-libs/late', { evidence: linked().evidence });
    const found = inTextOrder(judged(text, { needs: [tool, built(), late, linked()] }));
    const names = (findings: typeof found) => findings.map(({ code, about: [name] }) => `${code} ${name}`);
    expect(names(found)).toEqual([
      'missing-rdepend dev-libs/late',
      `missing-rdepend ${PNG}`,
      'missing-bdepend dev-util/tool',
      `missing-depend ${PNG}`,
    ]);
    const [first, , third] = found;
    const [one, two, three, ...more] = joinFindings(found);
    expect([one, three, more]).toEqual([first, third, []]);
    expect(names(two === undefined ? [] : [two])).toEqual([`missing-depend ${PNG}`]);
    // In the other order, too.
    expect(names(joinFindings(found.toReversed()))).toEqual([
      `missing-depend ${PNG}`,
      'missing-bdepend dev-util/tool',
      'missing-rdepend dev-libs/late',
    ]);
  });
});

describe('the joined finding keeps what either says', () => {
  const text = ebuild('RDEPEND="sys-libs/zlib"\nDEPEND="dev-libs/tree"\n');

  test('that the edit closes a cycle', () => {
    const record = makeRecord(text, { needs: [built(), linked()], cycles: [PNG] });
    const { findings } = judge(record, parseEbuild(text, bash));
    const [finding] = joinFindings(inTextOrder(findings));
    expect(finding?.message).toMatch(
      / \(this closes a cycle, because media-libs\/libpng needs media-gfx\/foo-1 to be built\)\.$/,
    );
  });

  test('that an eclass brings it too', () => {
    const [finding] = joined(text, [built({ eclasses: ['png'] }), linked()]);
    expect(finding?.message).toMatch(
      /^Add media-libs\/libpng to DEPEND and RDEPEND, or inherit png, which brings it: the build fails/,
    );
  });

  test('other edits, which are of both variables as well', () => {
    const others = { others: ['media-libs/other'] };
    const [finding] = joined(text, [built(others), linked(others)]);
    expect(finding?.alternatives?.map(({ title }) => title)).toEqual([
      'Add || ( media-libs/libpng media-libs/other ) to DEPEND and RDEPEND',
    ]);
    const choice = '|| ( media-libs/libpng media-libs/other )';
    expect(applyEdits(text, finding?.alternatives?.[0]?.edits ?? [])).toBe(
      ebuild(`RDEPEND="\n\tsys-libs/zlib\n\t${choice}\n"\nDEPEND="\n\tdev-libs/tree\n\t${choice}\n"\n`),
    );
  });
});

describe('stays two findings', () => {
  const text = ebuild(APART);

  test('if only one of them is proven', () => {
    expect(targets(text, [built({ certainty: 'denied' }), linked()])).toEqual(['RDEPEND', 'DEPEND']);
  });

  test('if one of the variables has the package already', () => {
    expect(targets(ebuild(`RDEPEND="${PNG}"\nDEPEND="dev-libs/tree"\n`), [built(), linked()])).toEqual([
      'DEPEND',
    ]);
  });

  test.each<[DependencyVariable, DependencyVariable]>([
    ['BDEPEND', 'RDEPEND'],
    ['BDEPEND', 'DEPEND'],
  ])('if they are about %s and %s', (first, second) => {
    expect(targets(text, [need(first, PNG), need(second, PNG)]).sort()).toEqual([first, second].sort());
  });

  test('if they ask for two versions', () => {
    const needs = [built({ atom: `>=${PNG}-1.6:=` }), linked({ atom: `>=${PNG}-1.7:=` })];
    expect(additions(text, { needs })).toEqual([`>=${PNG}-1.7:= to RDEPEND`, `>=${PNG}-1.6:= to DEPEND`]);
  });

  test('if a flag needs only one of them', () => {
    const conditional = ebuild(APART, 'IUSE="png"\n');
    const off = makeRecord(conditional, { iuse: ['png'], needs: [linked()] });
    const change = { iuse: ['png'], use: ['png'], needs: [built(), linked()], variants: [off] };
    expect(additions(conditional, change)).toEqual([`${PNG} to RDEPEND`, `png? ( ${PNG} ) to DEPEND`]);
  });

  test('if only one fix is sure', () => {
    const found = joined(text, [built(), linked({ named: { kind: 'qml', wanted: 'Png 1.0' } })]);
    expect(found.map(({ fix }) => [fix?.title, fix?.guess])).toEqual([
      [`Add ${PNG} to RDEPEND`, true],
      [`Add ${PNG} to DEPEND`, undefined],
    ]);
  });

  test('if they say no more than that the package is deprecated', () => {
    expect(joined(text, [built({ deprecated: true }), linked({ deprecated: true })])).toHaveLength(2);
  });

  test('if they are about two packages', () => {
    const other = need('RDEPEND', 'media-libs/other', { evidence: linked().evidence });
    expect(targets(text, [built(), other])).toEqual(['RDEPEND', 'DEPEND']);
  });
});

test.each([
  [
    'missing-rdepend',
    'DEPEND',
    'the build fails without /usr/include/png.h of media-libs/libpng, and passes with it',
  ],
  ['missing-depend', 'RDEPEND', '/usr/bin/hello links /usr/lib64/libpng16.so.16 of media-libs/libpng'],
])('where a comment ignores %s, the other keeps its own sentence and fix', (ignored, target, reason) => {
  const text = `# audit: ignore ${ignored} ${PNG} – the reason\n${ebuild(APART)}`;
  const record = makeRecord(text, { needs: [built(), linked()] });
  const { findings } = judgeSilenced(record, parseEbuild(text, bash), []);
  const [finding, ...others] = joinFindings(findings);
  expect(others).toEqual([]);
  expect(finding?.message).toBe(`Add media-libs/libpng to ${target}: ${reason}.`);
  expect(finding?.fix?.title).toBe(`Add media-libs/libpng to ${target}`);
});
