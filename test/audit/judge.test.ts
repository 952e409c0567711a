import { describe, expect, test } from 'vitest';
import { conclude } from '../../server/src/audit/conclusion.ts';
import { inTextOrder } from '../../server/src/audit/finding-order.ts';
import { fixAll } from '../../server/src/audit/fix-all.ts';
import { judge } from '../../server/src/audit/judge.ts';
import type { Need, TrialRecord } from '../../server/src/audit/record.ts';
import { parseEbuild } from '../../server/src/ebuild/facts.ts';
import { applyEdits } from '../../server/src/ebuild/text-edit.ts';
import type { DependencyVariable } from '../../server/src/pms/dependency-variable.ts';
import { bash } from '../ebuild/bash.ts';
import { makeRecord, NOTHING_INHERITED } from '../support/trial-record.ts';
import { evidence, need as observedNeed, probe, recordedPackage } from './observed.ts';

function ebuild(dependencies: string): string {
  return `EAPI=8\n\nDESCRIPTION="x"\nSLOT="0"\n\n${dependencies}`;
}

function need(variable: DependencyVariable, name: string, more: Partial<Need> = {}): Need {
  const [category = '', packageName = ''] = name.split('/');
  return {
    variable,
    package: { category, name: packageName, version: '1.6.43', slot: '0', subslot: '16', use: ['apng'] },
    atom: name,
    certainty: 'proven',
    evidence: [
      {
        phase: 'compile',
        program: '/usr/libexec/gcc/cc1',
        chain: ['ebuild.sh compile', 'make', 'cc1'],
        operation: 'read',
        path: '/usr/include/png.h',
        result: 'denied',
        count: 2,
      },
    ],
    ...more,
  };
}

const record = makeRecord;
const judgeText = (given: TrialRecord, text: string) => {
  const { findings, ...verdict } = judge(given, parseEbuild(text, bash));
  return { ...verdict, findings: inTextOrder(findings) };
};
const codes = (given: TrialRecord, text: string) =>
  judgeText(given, text).findings.map((finding) => finding.code);
/** The text that a finding underlines. */
const underlined = (given: TrialRecord, text: string) =>
  judgeText(given, text).findings.map(({ range }) => text.slice(range.start, range.end));

describe('missing-depend', () => {
  test('names the file, its owner and the edit', () => {
    const text = ebuild('DEPEND="sys-libs/zlib"\n');
    const given = record(text, { needs: [need('DEPEND', 'media-libs/libpng')] });
    const [finding] = judgeText(given, text).findings;
    expect(finding?.message).toBe(
      'Add media-libs/libpng to DEPEND: the build fails without /usr/include/png.h of media-libs/libpng, and passes with it.',
    );
    expect(finding?.fix?.title).toBe('Add media-libs/libpng to DEPEND');
    expect(underlined(given, text)).toEqual(['DEPEND="sys-libs/zlib"']);
  });

  test.each([
    ['DEPEND="media-libs/libpng:0="\n'],
    ['BDEPEND=">=media-libs/libpng-1.6"\n'],
    ['RDEPEND="png? ( media-libs/libpng[apng] )"\nDEPEND="${RDEPEND}"\n'],
    ['COMMON="media-libs/libpng"\nDEPEND="${COMMON}"\n'],
  ])('is quiet as soon as the text declares it: %j', (dependencies) => {
    const given = record(ebuild(''), { needs: [need('DEPEND', 'media-libs/libpng')] });
    expect(codes(given, ebuild(dependencies))).toEqual([]);
  });

  test.each([
    ['DEPEND="!media-libs/libpng"\n'],
    ['RDEPEND="media-libs/libpng"\n'],
    ['# DEPEND="media-libs/libpng"\n'],
  ])('is not quieted by %j', (dependencies) => {
    const given = record(ebuild(''), { needs: [need('DEPEND', 'media-libs/libpng')] });
    expect(codes(given, ebuild(dependencies))).toEqual(['missing-depend']);
  });

  test('a bound that the installed version does not meet is another matter than a missing atom', () => {
    const given = record(ebuild(''), { needs: [need('DEPEND', 'media-libs/libpng')] });
    expect(codes(given, ebuild('DEPEND=">=media-libs/libpng-2"\n'))).toEqual([]);
  });

  test('what an eclass declares is declared', () => {
    const given = record(ebuild(''), {
      needs: [need('BDEPEND', 'dev-build/cmake')],
      inherited: { ...NOTHING_INHERITED, BDEPEND: ['dev-build/cmake'] },
    });
    expect(codes(given, ebuild(''))).toEqual([]);
  });
});

describe('missing-bdepend', () => {
  const denied = need('DEPEND', 'dev-libs/tool');
  const ran = need('BDEPEND', 'dev-libs/tool', {
    evidence: [
      { ...denied.evidence[0], operation: 'execute', path: '/usr/bin/tool', result: 'seen' },
    ] as Need['evidence'],
  });

  test.each([
    [
      'that is there for the package manager alone',
      [ran],
      ', which is visible only because the package manager needs it',
    ],
    ['that was shown, because the build needs its library as well', [denied, ran], ''],
  ])('of a program %s', (_, needs, because) => {
    const text = ebuild('');
    const found = judgeText(record(text, { needs }), text).findings;
    expect(found.find(({ code }) => code === 'missing-bdepend')?.message).toBe(
      `Add dev-libs/tool to BDEPEND: the build runs /usr/bin/tool of dev-libs/tool${because}.`,
    );
  });
});

describe('other edits of a missing package', () => {
  const alternatives = (given: TrialRecord, text: string) =>
    judgeText(given, text).findings.flatMap((finding) =>
      (finding.alternatives ?? []).map((fix) => [fix.title, applyEdits(text, fix.edits)]),
    );

  test('write a choice where others have the program too', () => {
    const text = ebuild('');
    const given = record(text, { needs: [need('BDEPEND', 'app-editors/vim', { others: ['dev-util/xxd'] })] });
    expect(alternatives(given, text)[0]).toEqual([
      'Add || ( app-editors/vim dev-util/xxd ) to BDEPEND',
      ebuild(`BDEPEND="|| ( app-editors/vim dev-util/xxd )"\n\n`),
    ]);
  });

  test('put it under the flag of its name, if no other USE state was tried and no dependency names the flag', () => {
    const text = ebuild('IUSE="lz4"\n');
    const given = record(text, {
      needs: [need('BDEPEND', 'app-arch/lz4')],
      iuse: ['lz4'],
      use: ['lz4'],
    });
    const [finding] = judgeText(given, text).findings;
    expect(finding?.message).toMatch(/; if only USE=lz4 needs it, a trial of every USE state shows that\.$/);
    expect(alternatives(given, text)[0]).toEqual([
      'Add lz4? ( app-arch/lz4 ) to BDEPEND',
      text.replace('IUSE="lz4"\n', 'IUSE="lz4"\n\nBDEPEND="lz4? ( app-arch/lz4 )"\n'),
    ]);
    const without = record(text, { needs: given.needs, iuse: ['lz4'], use: [] });
    expect(alternatives({ ...given, variants: [without] }, text)).toEqual([]);
    expect(alternatives({ ...given, use: [] }, text)).toEqual([]);
  });
});

describe('fixes', () => {
  test('one atom in the referenced variable mends build time and run time', () => {
    const text = ebuild('RDEPEND="\n\tsys-libs/zlib\n"\nDEPEND="${RDEPEND}"\n');
    const given = record(text, {
      needs: [need('DEPEND', 'media-libs/libpng'), need('RDEPEND', 'media-libs/libpng')],
    });
    expect(codes(given, text).sort()).toEqual(['missing-depend', 'missing-rdepend']);
    const fixed = fixAll(text, (changed) => judgeText(given, changed));
    expect(fixed).toBe(ebuild('RDEPEND="\n\tmedia-libs/libpng\n\tsys-libs/zlib\n"\nDEPEND="${RDEPEND}"\n'));
    expect(judgeText(given, fixed)).toEqual({ findings: [], state: 'not-verified', isBuilt: false });
  });

  test('what two dependency variables have in common gets it once', () => {
    const text = ebuild(
      'COMMON_DEPEND="\n\tsys-libs/zlib\n"\nRDEPEND="${COMMON_DEPEND}"\nDEPEND="\n\t${COMMON_DEPEND}\n\tdev-libs/tree\n"\n',
    );
    const given = record(text, {
      needs: [need('DEPEND', 'media-libs/libpng'), need('RDEPEND', 'media-libs/libpng')],
    });
    expect(judgeText(given, text).findings.map(({ fix }) => fix?.title)).toEqual([
      'Add media-libs/libpng to COMMON_DEPEND',
      'Add media-libs/libpng to COMMON_DEPEND',
    ]);
    expect(underlined(given, text)).toEqual(['RDEPEND="${COMMON_DEPEND}"', 'DEPEND="']);
    const fixed = fixAll(text, (changed) => judgeText(given, changed));
    expect(fixed).toBe(text.replace('\tsys-libs/zlib', '\tmedia-libs/libpng\n\tsys-libs/zlib'));
  });

  test.each([
    ['DEPEND="${RDEPEND}"\n', 'RDEPEND="media-libs/libpng"\nDEPEND="${RDEPEND}"\n'],
    ['RDEPEND="${DEPEND}"\n', 'DEPEND="media-libs/libpng"\nRDEPEND="${DEPEND}"\n'],
    [
      '# to build\nDEPEND="\n\t${RDEPEND}\n\tdev-libs/tree\n"\n',
      'RDEPEND="media-libs/libpng"\n# to build\nDEPEND="\n\t${RDEPEND}\n\tdev-libs/tree\n"\n',
    ],
    [
      'BDEPEND="a/b"\nDEPEND="${RDEPEND}"\n',
      'BDEPEND="a/b"\nRDEPEND="media-libs/libpng"\nDEPEND="${RDEPEND}"\n',
    ],
  ])('the variable that %j refers to is set once, above it', (before, after) => {
    const text = ebuild(before);
    const given = record(text, {
      needs: [need('DEPEND', 'media-libs/libpng'), need('RDEPEND', 'media-libs/libpng')],
    });
    expect(fixAll(text, (changed) => judgeText(given, changed))).toBe(ebuild(after));
  });

  test('a reference to a variable that is not set does not make a run-time dependency of one for the build', () => {
    const text = ebuild('DEPEND="${RDEPEND}"\n');
    const given = record(text, { needs: [need('DEPEND', 'media-libs/libpng')] });
    expect(fixAll(text, (changed) => judgeText(given, changed))).toBe(
      ebuild('DEPEND="\n\t${RDEPEND}\n\tmedia-libs/libpng\n"\n'),
    );
  });

  test('needed in two variables that have nothing in common, it is added to each', () => {
    const text = ebuild('RDEPEND="sys-libs/zlib"\nDEPEND="dev-libs/tree"\n');
    const given = record(text, {
      needs: [need('DEPEND', 'media-libs/libpng'), need('RDEPEND', 'media-libs/libpng')],
    });
    expect(fixAll(text, (changed) => judgeText(given, changed))).toBe(
      ebuild(
        'RDEPEND="\n\tmedia-libs/libpng\n\tsys-libs/zlib\n"\nDEPEND="\n\tdev-libs/tree\n\tmedia-libs/libpng\n"\n',
      ),
    );
  });

  test('needed to build only, it does not become a run-time dependency', () => {
    const text = ebuild('RDEPEND="sys-libs/zlib"\nDEPEND="${RDEPEND}"\n');
    const given = record(text, { needs: [need('DEPEND', 'media-libs/libpng')] });
    expect(fixAll(text, (changed) => judgeText(given, changed))).toBe(
      ebuild('RDEPEND="sys-libs/zlib"\nDEPEND="\n\t${RDEPEND}\n\tmedia-libs/libpng\n"\n'),
    );
  });

  test('what the other variable asks for is asked for in the same words', () => {
    const text = ebuild('RDEPEND=">=media-libs/libpng-1.6:="\n');
    const given = record(text, { needs: [need('DEPEND', 'media-libs/libpng')] });
    expect(fixAll(text, (changed) => judgeText(given, changed))).toBe(
      ebuild('RDEPEND=">=media-libs/libpng-1.6:="\nDEPEND=">=media-libs/libpng-1.6:="\n'),
    );
  });

  test('where only one of the two needs knows a bound or a slot operator, both get it', () => {
    const text = ebuild('RDEPEND="sys-libs/zlib"\nDEPEND="${RDEPEND}"\n');
    const given = record(text, {
      needs: [
        need('DEPEND', 'media-libs/libpng', { atom: '>=media-libs/libpng-1.6:=' }),
        need('RDEPEND', 'media-libs/libpng', { atom: 'media-libs/libpng:=' }),
      ],
    });
    expect(fixAll(text, (changed) => judgeText(given, changed))).toBe(
      ebuild('RDEPEND="\n\t>=media-libs/libpng-1.6:=\n\tsys-libs/zlib\n"\nDEPEND="${RDEPEND}"\n'),
    );
  });

  test('other packages that may have the program are told', () => {
    const text = ebuild('');
    const others = ['dev-util/xxd', 'app-editors/vim-core'];
    const given = record(text, { needs: [need('BDEPEND', 'app-editors/vim', { others })] });
    const [finding] = judgeText(given, text).findings;
    expect(finding?.message).toBe(
      'Add app-editors/vim to BDEPEND: the build fails without /usr/include/png.h of app-editors/vim, and passes with it; dev-util/xxd or app-editors/vim-core may have the program, too.',
    );
  });

  test('an eclass that brings the package will do as well', () => {
    const text = ebuild('');
    const given = record(text, { needs: [need('BDEPEND', 'dev-build/cmake', { eclasses: ['cmake'] })] });
    const [finding] = judgeText(given, text).findings;
    expect(finding?.message).toBe(
      'Add dev-build/cmake to BDEPEND, or inherit cmake, which brings it: the build fails without /usr/include/png.h of dev-build/cmake, and passes with it.',
    );
    const inheriting = applyEdits(text, finding?.alternatives?.[0]?.edits ?? []);
    expect(inheriting).toBe(text.replace('EAPI=8\n', 'EAPI=8\n\ninherit cmake\n'));
    expect(codes(given, inheriting)).toEqual([]);
  });

  test('needed to build with and to run while building, it is added for each reason', () => {
    const text = ebuild('BDEPEND=""\nDEPEND=""\n');
    const given = record(text, {
      needs: [need('DEPEND', 'dev-lang/perl'), need('BDEPEND', 'dev-lang/perl')],
    });
    expect(fixAll(text, (changed) => judgeText(given, changed))).toBe(
      ebuild('BDEPEND="dev-lang/perl"\nDEPEND="dev-lang/perl"\n'),
    );
  });

  test('before EAPI 7 DEPEND is for both', () => {
    const text = ebuild('DEPEND=""\n').replace('EAPI=8', 'EAPI=6');
    const given = record(text, { needs: [need('BDEPEND', 'dev-lang/perl')] });
    expect(fixAll(text, (changed) => judgeText(given, changed))).toBe(
      text.replace('DEPEND=""', 'DEPEND="dev-lang/perl"'),
    );
  });

  test('several findings are fixed one after another', () => {
    const text = ebuild('DEPEND="sys-libs/zlib"\n');
    const given = record(text, {
      needs: [
        need('DEPEND', 'media-libs/libpng'),
        need('DEPEND', 'media-libs/tiff'),
        need('BDEPEND', 'virtual/pkgconfig'),
      ],
    });
    expect(fixAll(text, (changed) => judgeText(given, changed))).toBe(
      ebuild(
        'DEPEND="\n\tmedia-libs/libpng\n\tmedia-libs/tiff\n\tsys-libs/zlib\n"\nBDEPEND="virtual/pkgconfig"\n',
      ),
    );
  });
});

test('a deprecated package is named, but no edit asks for it', () => {
  const text = ebuild('DEPEND="sys-libs/zlib"\n');
  const given = record(text, { needs: [need('DEPEND', 'media-libs/libpng', { deprecated: true })] });
  const [finding] = judgeText(given, text).findings;
  expect(finding?.message).toBe(
    'Use what profiles/package.deprecated names instead of media-libs/libpng, which is deprecated: the build fails without /usr/include/png.h of media-libs/libpng, and passes with it.',
  );
  expect([finding?.fix, finding?.alternatives]).toEqual([undefined, undefined]);
});

describe('not-installed', () => {
  const text = ebuild('DEPEND="\n\t>=dev-libs/foo-2\n"\n');
  const given = record(text, {
    outcome: 'failed',
    notInstalled: [{ variable: 'DEPEND', atom: '>=dev-libs/foo-2' }],
  });
  test('underlines the atom itself', () => {
    expect(codes(given, text)).toEqual(['not-installed']);
    expect(underlined(given, text)).toEqual(['>=dev-libs/foo-2']);
  });
  test('is said once of an atom that several variables declare', () => {
    const both = ebuild('RDEPEND=">=dev-libs/foo-2"\nDEPEND="${RDEPEND}"\n');
    const lacking = record(both, {
      outcome: 'failed',
      notInstalled: ['DEPEND', 'RDEPEND'].map((variable) => ({
        variable: variable as DependencyVariable,
        atom: '>=dev-libs/foo-2',
      })),
    });
    const findings = judgeText(lacking, both).findings;
    expect(findings.map(({ message }) => message)).toEqual([
      `Run "emerge --oneshot '>=dev-libs/foo-2'" and then the trial again: no installed package satisfies >=dev-libs/foo-2 of DEPEND and RDEPEND.`,
    ]);
    expect(underlined(lacking, both)).toEqual(['>=dev-libs/foo-2']);
  });
  test('goes when the atom goes', () => {
    expect(codes(given, ebuild(''))).toEqual([]);
  });
  test('names what emerge takes', () => {
    const atom = 'dev-libs/foo:0=[abi_x86_32(-)?,abi_x86_64(-)?,ssl]';
    const asked = record(text, {
      outcome: 'failed',
      use: ['abi_x86_64'],
      notInstalled: [{ variable: 'DEPEND', atom }],
    });
    expect(judgeText(asked, text).findings[0]?.message).toContain(
      `"emerge --oneshot 'dev-libs/foo:0[abi_x86_64(-),ssl]'"`,
    );
  });
  test('is not lost where only bash knows a part of the atom, or all of it', () => {
    const missing = (atom: string) => ({
      outcome: 'failed' as const,
      notInstalled: [{ variable: 'DEPEND' as const, atom }],
    });
    const multilib = ebuild('DEPEND="\n\t>=dev-libs/foo-2:0=[${MULTILIB_USEDEP}]\n"\n');
    const evaluated = record(multilib, missing('>=dev-libs/foo-2:0=[abi_x86_64(-)?]'));
    expect(underlined(evaluated, multilib)).toEqual(['>=dev-libs/foo-2:0=[${MULTILIB_USEDEP}]']);
    expect(codes(evaluated, ebuild(''))).toEqual([]);
    const generated = ebuild('DEPEND="$(make_atoms)"\n');
    expect(codes(record(generated, missing('dev-libs/foo')), generated)).toEqual(['not-installed']);
  });
});

describe('what it comes to', () => {
  const text = ebuild('');
  const say = (given: TrialRecord, today = text) =>
    conclude(given, judgeText(given, today), { now: 0 }).state;
  test('clean, findings, not verified, failed', () => {
    expect(say(record(text))).toBe('clean');
    expect(say(record(text, { needs: [need('DEPEND', 'media-libs/libpng')] }))).toBe('findings');
    expect(say(record(text), ebuild('DEPEND="sys-libs/zlib"\n'))).toBe('not-verified');
    const failed = record(text, {
      outcome: 'failed',
      failure: { phase: 'compile', firstError: 'x.c:1: error: no' },
    });
    expect(say(failed)).toBe('failed');
    expect(judgeText(failed, text).state).toBe('not-verified');
  });

  test('clean so far, where what was looked for has not been tried', () => {
    const quick = record(text, { probes: [probe('media-libs/libpng', undefined, { effect: 'untried' })] });
    expect(conclude(quick, judgeText(quick, text), { now: 0 }).message).toBe(
      'The build used only declared packages. It also looked for 1 package that it does not need; their effect was not tried.',
    );
  });
});

test('what an eclass runs is told about the eclass, without an edit', () => {
  const text = 'EAPI=8\ninherit scan\nsrc_compile() { scan; }\n';
  const run = {
    ...evidence,
    operation: 'execute',
    path: '/usr/bin/scanelf',
    chain: ['src_compile'],
    result: 'seen',
  } as const;
  const record = makeRecord(text, {
    needs: [
      observedNeed('BDEPEND', 'app-misc/pax-utils', {
        evidence: [run],
        calledBy: { eclass: 'scan', function: 'scan_all' },
      }),
    ],
  });
  const [finding] = judge(record, parseEbuild(text, bash)).findings;
  expect(finding).toMatchObject({
    code: 'missing-bdepend',
    severity: 'information',
    message:
      'Report this to the maintainer of scan.eclass, because the ebuild needs no edit: scan_all of the eclass runs /usr/bin/scanelf of app-misc/pax-utils, which the eclass does not declare.',
  });
  expect(finding?.fix).toBeUndefined();
});

test('other packages that are enough are told', () => {
  const text = 'EAPI=8\n';
  const instead = [recordedPackage('dev-util/byacc')];
  const record = makeRecord(text, { needs: [observedNeed('BDEPEND', 'sys-devel/bison', { instead })] });
  expect(judge(record, parseEbuild(text, bash)).findings[0]?.message).toBe(
    'Add sys-devel/bison to BDEPEND: the build fails without /usr/include/png.h of sys-devel/bison, and passes with it; dev-util/byacc would be enough, too.',
  );
});

test('a package that only an undeclared one brings is asked for as the build asks for it', () => {
  const text = 'EAPI=8\n';
  const seen = { ...evidence, result: 'seen' } as const;
  const record = makeRecord(text, {
    needs: [observedNeed('DEPEND', 'media-libs/libpng', { evidence: [seen] })],
  });
  expect(judge(record, parseEbuild(text, bash)).findings[0]?.message).toBe(
    'Add media-libs/libpng to DEPEND: the build asks for /usr/include/png.h of media-libs/libpng itself, and nothing that is declared brings it.',
  );
});
