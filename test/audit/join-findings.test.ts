import { describe, expect, test } from 'vitest';
import { inTextOrder } from '../../server/src/audit/finding-order.ts';
import { joinFindings } from '../../server/src/audit/join-findings.ts';
import { judge } from '../../server/src/audit/judge.ts';
import type { Need } from '../../server/src/audit/record.ts';
import { judgeSilenced } from '../../server/src/audit/silencing/judge-silenced.ts';
import { parseEbuild } from '../../server/src/ebuild/facts.ts';
import { applyEdits } from '../../server/src/ebuild/text-edit.ts';
import type { DependencyVariable } from '../../server/src/pms/dependency-variable.ts';
import { bash } from '../ebuild/bash.ts';
import { makeRecord } from '../support/trial-record.ts';
import { evidence, need } from './observed.ts';

const PNG = 'media-libs/libpng';
const ebuild = (dependencies: string) => `EAPI=8\n\nDESCRIPTION="x"\nSLOT="0"\n\n${dependencies}`;

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

function joined(text: string, needs: readonly Need[]) {
  const { findings } = judge(makeRecord(text, { needs: [...needs] }), parseEbuild(text, bash));
  return joinFindings(inTextOrder(findings));
}

/** The variables that the findings about libpng add it to. */
const targets = (text: string, needs: readonly Need[]) =>
  joined(text, needs).map(({ message }) => /^(?:Perhaps a|A)dd .* to (.*?): /.exec(message)?.[1]);

describe('a library that both DEPEND and RDEPEND lack', () => {
  const text = ebuild('RDEPEND="sys-libs/zlib"\nDEPEND="dev-libs/tree"\n');

  test('is one finding, with one remedy and both reasons', () => {
    const [finding, ...others] = joined(text, [built(), linked()]);
    expect(others).toEqual([]);
    expect(finding).toMatchObject({ code: 'missing-depend', severity: 'error', about: [PNG] });
    expect(finding?.message).toBe(
      'Add media-libs/libpng to DEPEND and RDEPEND: the build fails without /usr/include/png.h of media-libs/libpng, and passes with it; /usr/bin/hello links /usr/lib64/libpng16.so.16 of media-libs/libpng.',
    );
    expect(finding?.evidence.map(({ path }) => path)).toEqual([
      '/usr/include/png.h',
      '/usr/lib64/libpng16.so.16',
    ]);
    expect(finding?.why?.rule).toMatch(/DEPEND.*\. .*RDEPEND|RDEPEND.*\. .*DEPEND/);
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
      'COMMON="\n\tsys-libs/zlib\n"\nRDEPEND="${COMMON}"\nDEPEND="${COMMON}"\n',
      'COMMON',
      'COMMON="\n\tmedia-libs/libpng\n\tsys-libs/zlib\n"\nRDEPEND="${COMMON}"\nDEPEND="${COMMON}"\n',
    ],
  ])('is written once where one variable takes the other over: %j', (before, target, after) => {
    const [finding, ...others] = joined(ebuild(before), [built(), linked()]);
    expect(others).toEqual([]);
    expect(finding?.message).toMatch(`Add media-libs/libpng to ${target}: the build fails`);
    expect(applyEdits(ebuild(before), finding?.fix?.edits ?? [])).toBe(ebuild(after));
  });

  test('is written into an ebuild that has neither variable', () => {
    const bare = ebuild('');
    const [finding, ...others] = joined(bare, [built(), linked()]);
    expect(others).toEqual([]);
    const fixed = applyEdits(bare, finding?.fix?.edits ?? []);
    for (const variable of ['DEPEND', 'RDEPEND'])
      expect(fixed).toMatch(new RegExp(`^${variable}="(media-libs/libpng|\\$\\{R?DEPEND\\})"$`, 'm'));
  });

  test('leaves the other findings in their order', () => {
    const tool = need('BDEPEND', 'dev-util/tool');
    const late = need('RDEPEND', 'dev-libs/late', { evidence: linked().evidence });
    const found = joined(text, [tool, built(), late, linked()]);
    expect(found.map(({ about: [name] }) => name).sort()).toEqual(['dev-libs/late', 'dev-util/tool', PNG]);
    const starts = found.map(({ range }) => range.start);
    expect(starts).toEqual(starts.toSorted((left, right) => left - right));
  });
});

describe('stays two findings', () => {
  const text = ebuild('RDEPEND="sys-libs/zlib"\nDEPEND="dev-libs/tree"\n');

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

  test('if they are about two packages', () => {
    const other = need('RDEPEND', 'media-libs/other', { evidence: linked().evidence });
    expect(targets(text, [built(), other])).toEqual(['RDEPEND', 'DEPEND']);
  });
});

test('where a comment ignores one of the two, the other keeps its own sentence and fix', () => {
  const text = `# audit: ignore missing-rdepend ${PNG} – loaded by nobody\n${ebuild('RDEPEND="sys-libs/zlib"\nDEPEND="dev-libs/tree"\n')}`;
  const record = makeRecord(text, { needs: [built(), linked()] });
  const { findings } = judgeSilenced(record, parseEbuild(text, bash), []);
  const [finding, ...others] = joinFindings(findings);
  expect(others).toEqual([]);
  expect(finding?.fix?.title).toBe('Add media-libs/libpng to DEPEND');
});
