import { describe, expect, test } from 'vitest';
import { checkText } from '../../server/src/audit/check.ts';
import { inTextOrder } from '../../server/src/audit/finding-order.ts';
import { fixAll } from '../../server/src/audit/fix-all.ts';
import type { Knowledge } from '../../server/src/audit/knowledge.ts';
import { parseEbuild } from '../../server/src/ebuild/facts.ts';
import { applyEdits } from '../../server/src/ebuild/text-edit.ts';
import { bash } from '../ebuild/bash.ts';
import { makeKnowledge } from './world.ts';

const IDENTITY = { category: 'app-misc', packageAndVersion: 'own-1.2' };
const WORLD = makeKnowledge(
  [
    'dev-libs/openssl-3.1:0/3[ssl,test]',
    'dev-libs/foo-1.0:0[ssl]',
    'dev-libs/foo-2.0:2[]',
    'dev-libs/shy-1.0:?[?]',
    'dev-libs/gone-1.0:0[]::',
    'dev-qt/qtbase-6.5:6/6.5[gui]',
    'dev-build/cmake-3.2',
    'virtual/pkgconfig-3',
    'dev-python/bar-2[python_targets_python3_12]',
  ],
  {
    moves: { 'dev-util/cmake': 'dev-build/cmake' },
    eclasses: {
      meson: { names: ['virtual/pkgconfig'], iuse: [] },
      toolchain: { iuse: [] },
      flags: { iuse: ['doc'] },
      opaque: { iuse: '?' },
    },
  },
);

const findIn = (text: string, knowledge: Knowledge | undefined = WORLD) =>
  inTextOrder(checkText(parseEbuild(text, bash), knowledge, IDENTITY));
/** `code severity: the underlined text` for each finding. */
const underlined = (text: string, knowledge?: Knowledge) =>
  findIn(text, knowledge).map(
    ({ code, severity, range }) => `${code} ${severity}: ${text.slice(range.start, range.end)}`,
  );
const ebuild = (body: string) => `EAPI=8\nSLOT="0"\n${body}\n`;
const depend = (value: string) => ebuild(`IUSE="ssl"\nRDEPEND="\n\t${value}\n"`);
/** The text after the first fix. */
const fixed = (text: string) => applyEdits(text, findIn(text).find(({ fix }) => fix)?.fix?.edits ?? []);

describe('invalid-atom', () => {
  test.each([
    ['RDEPEND=">=dev-libs/foo"', '>='],
    ['RDEPEND="dev-libs/foo-1.2"', '-1.2'],
    ['RDEPEND="dev-libs/foo::gentoo"', '::gentoo'],
    ['REQUIRED_USE="a:b"', 'a:b'],
    ['IUSE="good +ok $bad &no"', '&no'],
    ['SLOT="a b"', 'a b'],
    ['LICENSE="GPL-2 )"', ')'],
  ])('%s', (line, wrong) => {
    const text = `EAPI=8\n${line}\n`;
    const found = findIn(text, undefined);
    expect(found.map(({ code }) => code)).toEqual(['invalid-atom']);
    expect(wrong).toContain(text.slice(found[0]?.range.start, found[0]?.range.end));
    expect(found[0]?.message).toMatch(/^[^\n]+: [^\n]+\.$/);
  });

  test.each([
    [
      'dev-libs/foo-1.2:=[ssl]',
      ['=dev-libs/foo-1.2:=[ssl]', '>=dev-libs/foo-1.2:=[ssl]', '~dev-libs/foo-1.2:=[ssl]'],
    ],
    ['!dev-libs/foo-1.2-r1', ['!=dev-libs/foo-1.2-r1', '!>=dev-libs/foo-1.2-r1']],
    ['dev-libs/foo-1.2*', ['=dev-libs/foo-1.2*']],
    ['ssl? ( dev-libs/foo-1[a(+)?] )', ['=', '>=', '~'].map((op) => `ssl? ( ${op}dev-libs/foo-1[a(+)?] )`)],
    ['>=dev-libs/foo', ['dev-libs/foo']],
    ['dev-libs/foo::gentoo[ssl]', ['dev-libs/foo[ssl]']],
    ['dev-libs/foo-1.2::gentoo', []],
    ['dev-libs/foo-${PV}x-1.2', []],
    ['foo', []],
  ])('%s has these fixes, and none of them is applied without asking', (written, wanted) => {
    for (const line of ['\n', '\r\n']) {
      const around = (value: string) => `EAPI=8${line}RDEPEND="${line}\t${value}${line}"${line}`;
      const found = findIn(around(written), undefined).filter(({ code }) => code === 'invalid-atom');
      const fixes = found.flatMap(({ fix, alternatives = [] }) => [...(fix ? [fix] : []), ...alternatives]);
      expect(fixes.map(({ edits }) => applyEdits(around(written), edits))).toEqual(wanted.map(around));
      expect(fixes.every(({ guess }) => guess === true)).toBe(true);
    }
  });

  test('a fix where the value ends with the file, and in a helper variable', () => {
    expect(fixed('EAPI=8\nRDEPEND="dev-libs/foo-1.2')).toBe('EAPI=8\nRDEPEND="=dev-libs/foo-1.2');
    expect(fixed('EAPI=8\nC="dev-libs/foo-1.2"\nRDEPEND="${C}"\n')).toBe(
      'EAPI=8\nC="=dev-libs/foo-1.2"\nRDEPEND="${C}"\n',
    );
  });

  test('what two variables take over from one place is said once', () => {
    expect(underlined(ebuild('C="foo"\nRDEPEND="${C}"\nDEPEND="${C}"'), undefined)).toEqual([
      'invalid-atom error: foo',
    ]);
  });
});

describe('unknown-package', () => {
  test('underlines the name alone, and the mend is the nearest name', () => {
    const text = depend('>=dev-libs/opnessl-3:=[ssl]');
    expect(underlined(text)).toEqual(['unknown-package error: dev-libs/opnessl']);
    expect(findIn(text)[0]?.message).toBe(
      'No repository has the package dev-libs/opnessl: perhaps you mean dev-libs/openssl.',
    );
    expect(fixed(text)).toBe(depend('>=dev-libs/openssl-3:=[ssl]'));
    expect(fixAll(text, (changed) => ({ findings: findIn(changed) }))).toBe(text);
  });

  test('the same name in another category comes first', () => {
    expect(fixed(depend('dev-util/openssl'))).toBe(depend('dev-libs/openssl'));
  });

  test('an alternative is a warning; a name that is near to nothing has no fix', () => {
    const text = depend('|| ( dev-libs/foo x11-nothing/alike )');
    expect(underlined(text)).toEqual(['unknown-package warning: x11-nothing/alike']);
    expect(findIn(text)[0]?.fix).toBeUndefined();
  });

  test('through a helper variable, a generator and an expansion', () => {
    const text = ebuild(
      [
        'C="dev-libs/none"',
        'RDEPEND="${C}',
        "\t$(python_gen_cond_dep 'dev-python/nil[${PYTHON_USEDEP}]')",
        '\t>=dev-libs/nought-${MY_PV}"',
      ].join('\n'),
    );
    expect(underlined(text)).toEqual([
      'unknown-package error: dev-libs/none',
      'unknown-package error: dev-python/nil',
      'unknown-package error: dev-libs/nought',
    ]);
  });

  test.each([
    ['a blocker', depend('!dev-libs/never')],
    ['the own package', depend('~app-misc/own-9')],
    ['what is only installed', depend('dev-libs/gone')],
    ['a name that bash makes', depend('dev-libs/${PN}x-$(foo)')],
    ['a branch', ebuild('if foo; then\n\tRDEPEND="dev-libs/never"\nfi')],
    ['an unknown function', ebuild('RDEPEND="$(make_dep \'dev-libs/never\')"')],
  ])('is silent about %s', (_, text) => {
    expect(findIn(text).filter(({ code }) => code !== 'invalid-atom')).toEqual([]);
  });

  test('is silent without knowledge, and while it is incomplete', () => {
    const text = depend('dev-libs/never');
    expect(findIn(text, makeKnowledge([], { incomplete: 'Not yet.' }))).toEqual([]);
    expect(checkText(parseEbuild(text, bash), undefined, undefined)).toEqual([]);
  });
});

describe('versions, slots and moves', () => {
  test.each([
    ['>=dev-libs/foo-3', ['unknown-version error: >=dev-libs/foo-3']],
    ['>=dev-libs/foo-1.5:0', ['unknown-version error: >=dev-libs/foo-1.5:0']],
    ['|| ( =dev-libs/foo-9* dev-libs/foo )', ['unknown-version warning: =dev-libs/foo-9*']],
    ['dev-libs/foo:7=', ['unknown-slot error: :7']],
    ['dev-qt/qtbase:6/6.4', ['unknown-slot error: :6/6.4']],
    ['dev-util/cmake', ['package-moved error: dev-util/cmake']],
    ['!<dev-util/cmake-3', ['package-moved warning: dev-util/cmake']],
    ['>=dev-libs/foo-2:2 dev-qt/qtbase:6= !>dev-libs/foo-9', []],
    ['>=dev-libs/shy-1:7[any]', []],
    ['>=dev-libs/gone-7:3[x]', []],
    ['>=dev-libs/foo-${MY_PV}', []],
  ])('%s', (value, findings) => {
    expect(underlined(depend(value))).toEqual(findings);
  });

  test.each([
    ['dev-libs/foo:7=', 'dev-libs/foo'],
    ['>=dev-libs/foo-9', 'dev-libs/foo'],
    ['dev-libs/foo[no]', 'dev-libs/foo'],
    ['dev-util/cmake', 'dev-util/cmake'],
  ])('%s is about %s, whatever of it is underlined', (value, name) => {
    expect(findIn(depend(value))[0]?.about).toEqual([name]);
  });

  test('a move is fixed in place, also by fix-all', () => {
    const text = depend('>=dev-util/cmake-3:0[ssl?]');
    expect(
      fixAll(text, (changed) => ({
        findings: findIn(changed).filter(({ code }) => code === 'package-moved'),
      })),
    ).toBe(depend('>=dev-build/cmake-3:0[ssl?]'));
  });
});

describe('package-deprecated', () => {
  const world = makeKnowledge(
    [
      'dev-libs/old-1.0:0',
      'dev-libs/two-1:0',
      'dev-libs/two-2:2',
      'dev-libs/three-1',
      'dev-libs/three-3',
      'dev-libs/shy-1.0:?',
      'dev-libs/openssl-3.1:0/3[ssl]',
    ],
    {
      deprecated: ['dev-libs/old', 'dev-libs/two:0', '<dev-libs/three-2', 'dev-libs/shy:1', 'x11-libs/away'],
    },
  );
  const found = (value: string) =>
    underlined(depend(value), world).filter((line) => !line.startsWith('unknown'));

  test.each([
    ['>=dev-libs/old-1:0=[ssl?]', 'dev-libs/old'],
    ['ssl? ( dev-libs/old )', 'dev-libs/old'],
    ['>=dev-libs/old-${PV}', 'dev-libs/old'],
    ['x11-libs/away', 'x11-libs/away'],
    ['dev-libs/two:0', 'dev-libs/two'],
    ['<dev-libs/two-2', 'dev-libs/two'],
    ['=dev-libs/three-1*', 'dev-libs/three'],
  ])('%s', (value, name) => {
    expect(found(value)).toEqual([`package-deprecated warning: ${name}`]);
  });

  test.each([
    ['another package', 'dev-libs/openssl'],
    ['a blocker', '!dev-libs/old'],
    ['one choice of several', '|| ( dev-libs/openssl dev-libs/old )'],
    ['another slot', 'dev-libs/two:2'],
    ['any slot', 'dev-libs/two'],
    ['a slot that only bash knows', 'dev-libs/two:${S}'],
    ['newer versions too', 'dev-libs/three'],
    ['slots that nobody knows', 'dev-libs/shy'],
  ])('not %s: %s', (_, value) => {
    expect(found(value)).toEqual([]);
  });

  test('says where the replacement is named, and does not report what is deprecated itself', () => {
    const facts = parseEbuild(depend('dev-libs/two:0'), bash);
    const [finding] = checkText(facts, world, IDENTITY);
    expect(finding?.message).toBe(
      'Replace dev-libs/two:0 as the comment above line 2 of profiles/package.deprecated in the repository gentoo says: it is deprecated.',
    );
    expect(checkText(facts, world, { category: 'dev-libs', packageAndVersion: 'old-1' })).toEqual([]);
  });
});

describe('unknown-use-flag', () => {
  test.each([
    ['IUSE="ssl"\nRDEPEND="ssl? ( dev-libs/foo ) !tls? ( dev-libs/foo )"', ['tls']],
    ['IUSE="ssl"\nREQUIRED_USE="ssl? ( !tls )"', ['tls']],
    ['IUSE="tls"\nRDEPEND="dev-libs/foo[ssl?,tls(+)?]"', ['ssl']],
    ['IUSE="x"\nRDEPEND="amd64? ( dev-libs/foo ) elibc_musl? ( dev-libs/foo )"', []],
    ['inherit flags\nIUSE=""\nRDEPEND="doc? ( dev-libs/foo )"', []],
    ['inherit opaque\nIUSE=""\nRDEPEND="any? ( dev-libs/foo )"', []],
    ['inherit ${ECLASS}\nIUSE=""\nRDEPEND="any? ( dev-libs/foo )"', []],
    ['IUSE="${MORE}"\nRDEPEND="any? ( dev-libs/foo )"', []],
    ['RDEPEND="dev-libs/foo[gtk,-qt]"', ['gtk', 'qt']],
    ['RDEPEND="dev-libs/foo[gtk(+),-qt(-)] dev-libs/foo[ssl]"', []],
    ['RDEPEND=">=dev-libs/foo-2[ssl]"', ['ssl']],
  ])('%s', (body, flags) => {
    expect(underlined(ebuild(body))).toEqual(flags.map((flag) => `unknown-use-flag error: ${flag}`));
  });

  const offers = (text: string) =>
    findIn(text)
      .filter(({ code }) => code === 'unknown-use-flag')
      .flatMap(({ fix, alternatives = [] }) =>
        [...(fix ? [fix] : []), ...alternatives].map(({ title, edits }) => [title, applyEdits(text, edits)]),
      );

  test('an undeclared flag is changed to a similar one, or added to IUSE', () => {
    const text = ebuild('IUSE="doc wayland"\nRDEPEND="waylnd? ( dev-libs/foo )"');
    expect(findIn(text)[0]?.message).toBe(
      'The flag waylnd is not in IUSE: perhaps you mean wayland; or add it there.',
    );
    expect(offers(text)).toEqual([
      ['Change to wayland', text.replace('waylnd?', 'wayland?')],
      ['Add waylnd to IUSE', text.replace('doc wayland', 'doc wayland waylnd')],
    ]);
    expect(fixAll(text, (changed) => ({ findings: findIn(changed) }))).toBe(text);
  });

  test('a file without IUSE gets it below SLOT', () => {
    expect(offers('EAPI=8\r\nSLOT="0"\r\nRDEPEND="tls? ( dev-libs/foo )"\r\n')).toEqual([
      ['Add tls to IUSE', 'EAPI=8\r\nSLOT="0"\r\nIUSE="tls"\r\nRDEPEND="tls? ( dev-libs/foo )"\r\n'],
    ]);
  });

  test('of one letter, only the case is corrected', () => {
    const titles = (body: string) => offers(ebuild(body)).map(([title]) => title);
    expect(titles('IUSE="X"\nREQUIRED_USE="x"')).toEqual(['Change to X', 'Add x to IUSE']);
    expect(titles('IUSE="a"\nREQUIRED_USE="b"')).toEqual(['Add b to IUSE']);
  });

  test('a flag that the other package lacks is changed to one that it has, or gets a default', () => {
    expect(offers(depend('dev-libs/foo[-sssl]')).map(([, text]) => text)).toEqual([
      depend('dev-libs/foo[-ssl]'),
      depend('dev-libs/foo[-sssl(-)]'),
      depend('dev-libs/foo[-sssl(+)]'),
    ]);
  });

  test("the ebuild's own flags are known whatever the root lacks, apart from implicit ones", () => {
    const poor = makeKnowledge([], {
      incomplete: 'The root has few packages.',
      eclasses: { flags: { iuse: ['doc'] } },
    });
    const body = 'RDEPEND="doc? ( a/b ) tls? ( a/b[gtk] ) kernel_Darwin? ( a/b ) x64-macos? ( a/b )"';
    expect(underlined(ebuild(`inherit flags\n${body}`), poor)).toEqual(['unknown-use-flag error: tls']);
    expect(underlined(ebuild(`inherit flags elsewhere\n${body}`), poor)).toEqual([]);
  });
});

describe('duplicate-atom', () => {
  test('is removed with its line', () => {
    const text = ebuild('IUSE="ssl"\nRDEPEND="\n\tdev-libs/foo\n\tdev-libs/openssl:=\n\tdev-libs/foo\n"');
    expect(underlined(text)).toEqual(['duplicate-atom warning: dev-libs/foo']);
    expect(fixed(text)).toBe(ebuild('IUSE="ssl"\nRDEPEND="\n\tdev-libs/foo\n\tdev-libs/openssl:=\n"'));
  });

  test.each([
    ['other conditions', 'dev-libs/foo ssl? ( dev-libs/foo )', []],
    [
      'the same conditions',
      'ssl? ( dev-libs/foo ) ssl? ( dev-libs/foo )',
      ['duplicate-atom warning: dev-libs/foo'],
    ],
    ['alternatives', '|| ( dev-libs/foo dev-libs/openssl ) || ( dev-libs/foo dev-qt/qtbase )', []],
    ['another bound', 'dev-libs/foo >=dev-libs/foo-1', []],
  ])('%s', (_, value, findings) => {
    expect(underlined(depend(value))).toEqual(findings);
  });

  test('a helper variable that has an atom twice is fixed', () => {
    const text = ebuild('C="dev-libs/foo dev-libs/foo"\nRDEPEND="${C}"\nDEPEND="${C}"');
    expect(underlined(text)).toEqual(['duplicate-atom warning: dev-libs/foo']);
    expect(fixed(text)).toBe(ebuild('C="dev-libs/foo"\nRDEPEND="${C}"\nDEPEND="${C}"'));
  });

  test('what a helper variable brings is information, and only a guess removes it', () => {
    const text = ebuild('C="dev-libs/foo"\nRDEPEND="${C}\n\tdev-libs/foo"\nDEPEND="${C} ${C}"');
    expect(underlined(text)).toEqual(['duplicate-atom information: dev-libs/foo']);
    expect(findIn(text)[0]?.fix?.guess).toBe(true);
  });
});

describe('missing-pkgconfig', () => {
  const phase = (command: string, more = '') =>
    `EAPI=8\nSLOT="0"\n${more}\nsrc_configure() {\n\t${command}\n}\n`;

  test('adds the virtual to BDEPEND', () => {
    const text = phase('append-libs "$(pkg-config --libs foo)"');
    expect(underlined(text)).toEqual(['missing-pkgconfig warning: pkg-config']);
    const after = fixed(text);
    expect(after).toContain('BDEPEND="virtual/pkgconfig"\n');
    expect(findIn(after)).toEqual([]);
  });

  test.each([
    ['an eclass brings it', phase('pkg-config foo', 'inherit meson'), 0],
    ['an eclass that does not', phase('pkg-config foo', 'inherit toolchain'), 1],
    ['an eclass that nobody knows', phase('pkg-config foo', 'inherit strange'), 0],
    ['it is declared', phase('pkg-config foo', 'DEPEND="virtual/pkgconfig"'), 0],
    ['a function may bring it', phase('pkg-config foo', 'BDEPEND="$(tools)"'), 0],
    ['after toolchain-funcs', phase('local x=$($(tc-getPKG_CONFIG) --libs foo)'), 1],
    ['only its name is passed on', phase('emake PKG_CONFIG="$(tc-getPKG_CONFIG)"'), 0],
    ['a pkg_ phase', 'EAPI=8\nSLOT="0"\npkg_postinst() {\n\tpkg-config foo\n}\n', 0],
  ])('%s', (_, text, count) => {
    const codes = findIn(text).map(({ code }) => code);
    expect(codes.filter((code) => code !== 'unknown-eclass')).toEqual(Array(count).fill('missing-pkgconfig'));
  });
});
