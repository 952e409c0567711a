import { describe, expect, test } from 'vitest';
import { inTextOrder } from '../../server/src/audit/finding-order.ts';
import { fixAll } from '../../server/src/audit/fix-all.ts';
import { judge } from '../../server/src/audit/judge.ts';
import type { TrialRecord } from '../../server/src/audit/record.ts';
import { parseEbuild } from '../../server/src/ebuild/facts.ts';
import type { UseKind } from '../../server/src/trace/use-kind.ts';
import { bash } from '../ebuild/bash.ts';
import { makeRecord, NOTHING_INHERITED } from '../support/trial-record.ts';
import { evidence, need, use } from './observed.ts';

const ebuild = (dependencies: string) =>
  `EAPI=8\n\nDESCRIPTION="x"\nSLOT="0"\nIUSE="json"\n\n${dependencies}`;
const judgeText = (record: TrialRecord, text: string) =>
  inTextOrder(judge(record, parseEbuild(text, bash)).findings);
const codes = (record: TrialRecord, text: string) => judgeText(record, text).map(({ code }) => code);
const fixed = (record: TrialRecord, text: string) =>
  fixAll(text, (today) => judge(record, parseEbuild(today, bash))).replace(/\n+$/, '\n');

describe('a library in BDEPEND that RDEPEND lacks', () => {
  const uses = [
    use('dev-libs/jansson:0/4', ['header', 'library', 'pkg-config'], { atom: 'dev-libs/jansson:=' }),
    use('dev-util/pkgconf', ['program'], { atom: 'virtual/pkgconfig' }),
  ];
  const needs = [need('RDEPEND', 'dev-libs/jansson:0/4', { atom: 'dev-libs/jansson:=' })];
  const state = { iuse: ['json'], use: ['json'], uses, needs };

  test.each([
    [
      'DEPEND=""\nRDEPEND="${DEPEND}"\nBDEPEND="\n\tjson? ( dev-libs/jansson )\n\tvirtual/pkgconfig\n"\n',
      'DEPEND="json? ( dev-libs/jansson:= )"\nRDEPEND="${DEPEND}"\nBDEPEND="\n\tvirtual/pkgconfig\n"\n',
    ],
    [
      'RDEPEND="sys-libs/zlib"\nDEPEND="${RDEPEND}"\nBDEPEND="dev-libs/jansson virtual/pkgconfig"\n',
      'RDEPEND="\n\tdev-libs/jansson:=\n\tsys-libs/zlib\n"\nDEPEND="${RDEPEND}"\nBDEPEND="virtual/pkgconfig"\n',
    ],
    [
      'COMMON="sys-libs/zlib"\nRDEPEND="${COMMON}"\nDEPEND="${COMMON}"\nBDEPEND=">=dev-libs/jansson-2.10"\n',
      'COMMON="\n\t>=dev-libs/jansson-2.10:=\n\tsys-libs/zlib\n"\nRDEPEND="${COMMON}"\nDEPEND="${COMMON}"\n',
    ],
    [
      'RDEPEND="sys-libs/zlib"\nDEPEND="sys-libs/zlib"\nBDEPEND="dev-libs/jansson"\n',
      'RDEPEND="\n\tdev-libs/jansson:=\n\tsys-libs/zlib\n"\nDEPEND="\n\tdev-libs/jansson:=\n\tsys-libs/zlib\n"\n',
    ],
    ['BDEPEND="dev-libs/jansson"\n', 'RDEPEND="dev-libs/jansson:="\nDEPEND="dev-libs/jansson:="\n'],
  ])('%j becomes %j', (before, after) => {
    const text = ebuild(before);
    const record = makeRecord(text, state);
    expect(codes(record, text).sort()).toEqual(['misplaced', 'missing-rdepend']);
    expect(fixed(record, text)).toBe(ebuild(after));
    expect(codes(record, ebuild(after))).toEqual([]);
  });

  test('both findings have the same edit if one atom is enough', () => {
    const text = ebuild('RDEPEND=""\nDEPEND="${RDEPEND}"\nBDEPEND="dev-libs/jansson"\n');
    const findings = judgeText(makeRecord(text, state), text);
    const [missing, misplaced] = ['missing-rdepend', 'misplaced'].map((code) =>
      findings.find((finding) => finding.code === code),
    );
    expect(missing?.fix?.edits).toEqual(misplaced?.fix?.edits);
    expect(missing?.message).toBe(
      'Move dev-libs/jansson:= from BDEPEND to RDEPEND: /usr/libexec/gcc/cc1 needs /usr/include/png.h of dev-libs/jansson.',
    );
  });

  test('a package whose program is run as well stays where it is', () => {
    const text = ebuild('RDEPEND=""\nDEPEND="${RDEPEND}"\nBDEPEND="dev-libs/jansson"\n');
    const both = makeRecord(text, {
      needs,
      uses: [use('dev-libs/jansson:0/4', ['header', 'program'], { atom: 'dev-libs/jansson:=' })],
    });
    expect(fixed(both, text)).toContain('BDEPEND="dev-libs/jansson"');
  });
});

describe('a package that the build both runs and builds against', () => {
  const both = (lacksIn: 'DEPEND' | 'BDEPEND') => ({
    iuse: ['json'],
    use: ['json'],
    uses: [use('dev-lang/python:3.11', ['program', 'header'], { atom: 'dev-lang/python:3.11', lacksIn })],
  });

  test.each([
    ['BDEPEND="dev-lang/python:3.11"\n', 'DEPEND="dev-lang/python:3.11"\nBDEPEND="dev-lang/python:3.11"\n'],
    [
      'RDEPEND="dev-lang/python:3.11="\nBDEPEND="dev-lang/python:3.11"\n',
      'RDEPEND="dev-lang/python:3.11="\nDEPEND="dev-lang/python:3.11="\nBDEPEND="dev-lang/python:3.11"\n',
    ],
  ])('is added to DEPEND if only BDEPEND names it: %j becomes %j', (before, after) => {
    const record = makeRecord(ebuild(before), both('DEPEND'));
    const findings = judgeText(record, ebuild(before));
    expect(findings.map(({ code, severity }) => [code, severity])).toEqual([['missing-depend', 'warning']]);
    expect(fixed(record, ebuild(before))).toBe(ebuild(after));
    expect(codes(record, ebuild(after))).toEqual([]);
  });

  test('is only information if DEPEND alone names it, because many libraries bring a tool', () => {
    const text = ebuild('DEPEND="dev-lang/python:3.11"\n');
    const record = makeRecord(text, both('BDEPEND'));
    expect(judgeText(record, text).map(({ code, severity }) => [code, severity])).toEqual([
      ['missing-bdepend', 'information'],
    ]);
    expect(fixed(record, text)).toBe(text);
  });

  test('is left to the eclass that names it, as cargo.eclass does for Rust', () => {
    const text = ebuild('BDEPEND="virtual/pkgconfig"\n');
    const inherited = { ...NOTHING_INHERITED, BDEPEND: ['virtual/rust'] };
    const uses = [use('dev-lang/rust', ['program', 'library'], { atom: 'virtual/rust', lacksIn: 'DEPEND' })];
    expect(codes(makeRecord(text, { uses, inherited }), text)).toEqual([]);
    const own = ebuild('BDEPEND="virtual/rust"\n');
    expect(codes(makeRecord(own, { uses, inherited }), own)).toContain('missing-depend');
  });

  test('gets no slot operator in BDEPEND, where it would have no effect', () => {
    const text = ebuild('DEPEND="dev-libs/openssl"\n');
    const tool = use('dev-libs/openssl:0/3', ['program', 'header'], {
      atom: 'dev-libs/openssl:=',
      lacksIn: 'BDEPEND',
    });
    const [finding] = judgeText(makeRecord(text, { uses: [tool] }), text);
    expect(finding?.fix?.title).toBe('Add dev-libs/openssl to BDEPEND');
  });

  test('is an extension in the words of distutils-r1', () => {
    const text = 'EAPI=8\n\ninherit distutils-r1\n\nSLOT="0"\nDEPEND=""\n';
    const inherited = { ...NOTHING_INHERITED, BDEPEND: ['dev-lang/python:3.11'] };
    const record = makeRecord(text, { ...both('DEPEND'), inherited });
    expect(judgeText(record, text).map(({ message }) => message)).toEqual([
      'Set DISTUTILS_EXT=1 above inherit, with which distutils-r1.eclass adds dev-lang/python to DEPEND: the package is built against dev-lang/python (/usr/include/tool.h), which only BDEPEND names.',
    ]);
    const after = text.replace('inherit', 'DISTUTILS_EXT=1\ninherit');
    expect(fixed(record, text)).toBe(after);
    expect(codes(record, after)).toEqual([]);
  });

  test('is not asked for where an eclass names it', () => {
    const text = ebuild('BDEPEND="dev-lang/python:3.11"\n');
    const inherited = { ...NOTHING_INHERITED, DEPEND: ['dev-lang/python:3.11'] };
    expect(codes(makeRecord(text, { ...both('DEPEND'), inherited }), text)).toEqual([]);
  });
});

test('a program of DEPEND is misplaced, though BDEPEND has it under another flag', () => {
  const before = 'DEPEND="json? ( virtual/pkgconfig )"\nBDEPEND="ssl? ( virtual/pkgconfig )"\n';
  const text = ebuild(before).replace('json', 'json ssl');
  const iuse = ['json', 'ssl'];
  const uses = [use('dev-util/pkgconf', ['program'], { atom: 'virtual/pkgconfig' })];
  const record = makeRecord(text, { iuse, use: ['json'], uses });
  expect(codes(record, text)).toEqual(['misplaced']);
  expect(fixed(record, text)).toContain(
    'BDEPEND="\n\tssl? ( virtual/pkgconfig )\n\tjson? ( virtual/pkgconfig )\n"',
  );
  const together = makeRecord(text, { iuse, use: ['json', 'ssl'], uses });
  expect(codes(together, text)).toEqual([]);
});

describe('a package of DEPEND of which the build only loads modules', () => {
  test('belongs in BDEPEND', () => {
    const text = ebuild('DEPEND="dev-python/setuptools"\n');
    const uses = [use('dev-python/setuptools', ['build-module', 'data'])].map((used) => ({
      ...used,
      kinds: used.kinds.map((seen) => ({
        ...seen,
        evidence: seen.evidence.map((access) => ({
          ...access,
          path: '/usr/lib/python3.11/site-packages/x.py',
        })),
      })),
    }));
    const record = makeRecord(text, { uses });
    expect(judgeText(record, text).map(({ message }) => message)).toEqual([
      'Move dev-python/setuptools from DEPEND to BDEPEND: the build only loads modules of dev-python/setuptools.',
    ]);
    expect(fixed(record, text)).toBe(ebuild('BDEPEND="dev-python/setuptools"\n'));
  });
});

describe('BDEPEND that takes over the list of libraries', () => {
  const seen = (...used: (readonly [string, readonly UseKind[]])[]) => ({
    iuse: ['json'],
    use: ['json'],
    uses: used.map(([name, kinds]) => use(name, kinds)),
  });
  const library = ['dev-libs/jansson', ['header', 'linked']] as const;
  const tool = ['dev-util/tool', ['program']] as const;

  test.each([
    [
      'RDEPEND="dev-libs/jansson"\nDEPEND="${RDEPEND}"\nBDEPEND="${DEPEND}"\n',
      'RDEPEND="dev-libs/jansson"\nDEPEND="${RDEPEND}"\n',
      [library],
    ],
    [
      'DEPEND="dev-libs/jansson"\nRDEPEND="${DEPEND}"\nBDEPEND="\n\t${DEPEND}\n\tdev-util/tool\n"\n',
      'DEPEND="dev-libs/jansson"\nRDEPEND="${DEPEND}"\nBDEPEND="\n\tdev-util/tool\n"\n',
      [library, tool],
    ],
    [
      'COMMON="dev-libs/jansson json? ( dev-util/tool )"\nDEPEND="${COMMON}"\nRDEPEND="${COMMON}"\nBDEPEND="${COMMON}"\n',
      'COMMON="dev-libs/jansson json? ( dev-util/tool )"\nDEPEND="${COMMON}"\nRDEPEND="${COMMON}"\nBDEPEND="json? ( dev-util/tool )"\n',
      [library, tool],
    ],
    [
      'RDEPEND="a/b c/d dev-libs/jansson"\nDEPEND="${RDEPEND}"\nBDEPEND="${RDEPEND}"\n',
      'RDEPEND="a/b c/d dev-libs/jansson"\nDEPEND="${RDEPEND}"\nBDEPEND="\n\ta/b\n\tc/d\n"\n',
      [library],
    ],
  ] as const)('%j becomes %j', (before, after, used) => {
    const text = ebuild(before);
    const record = makeRecord(text, seen(...used));
    expect(codes(record, text)).toEqual(['misplaced']);
    expect(fixed(record, text)).toBe(ebuild(after));
    expect(codes(record, ebuild(after))).toEqual([]);
  });

  test('says which package shows it', () => {
    const text = ebuild('DEPEND="dev-libs/jansson"\nRDEPEND="${DEPEND}"\nBDEPEND="${DEPEND}"\n');
    const [finding] = judgeText(makeRecord(text, seen(library)), text);
    expect(finding?.message).toBe(
      'Name only packages in BDEPEND whose programs the build runs: BDEPEND takes the list ${DEPEND} over from DEPEND, and the build only builds against dev-libs/jansson.',
    );
    expect(text.slice(finding?.range.start, finding?.range.end)).toBe('${DEPEND}');
  });

  test.each([
    ['all of it is run', 'DEPEND="dev-util/tool"\nBDEPEND="${DEPEND}"\n', [tool]],
    [
      'the library is run too',
      'DEPEND="dev-libs/jansson"\nBDEPEND="${DEPEND}"\n',
      [['dev-libs/jansson', ['header', 'program']]],
    ],
    ['nothing is known', 'DEPEND="dev-libs/jansson"\nBDEPEND="${DEPEND}"\n', []],
    ['DEPEND has another list', 'RDEPEND="dev-libs/jansson"\nBDEPEND="${RDEPEND}"\n', [library]],
  ] as const)('not where %s', (_, dependencies, used) => {
    const text = ebuild(dependencies);
    expect(codes(makeRecord(text, seen(...used)), text)).toEqual([]);
  });

  test('no edit if the list has words that only bash knows', () => {
    const text = ebuild('DEPEND="dev-libs/jansson ${MORE}"\nBDEPEND="${DEPEND}"\n');
    const [finding] = judgeText(makeRecord(text, seen(library)), text);
    expect([finding?.code, finding?.fix]).toEqual(['misplaced', undefined]);
  });
});

test('of a tool that is visible anyway, the program that is run shows the need, and a module that it loads only if there is none', () => {
  const text = ebuild('DEPEND=""\n');
  const scanner = {
    ...evidence,
    operation: 'execute',
    path: '/usr/bin/g-ir-scanner',
    result: 'seen',
  } as const;
  const module = { ...evidence, path: '/usr/share/gir/Makefile.introspection', result: 'seen' } as const;
  const messageOf = (...accesses: (typeof evidence)[]) => {
    const needs = [need('BDEPEND', 'dev-libs/gir', { evidence: accesses })];
    return judgeText(makeRecord(text, { needs }), text)[0]?.message;
  };
  expect(messageOf(module, scanner)).toContain('the build runs /usr/bin/g-ir-scanner of dev-libs/gir');
  expect(messageOf(module)).toContain(
    'the build loads /usr/share/gir/Makefile.introspection of dev-libs/gir',
  );
});
