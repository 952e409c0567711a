import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createEclassLookup, type EclassLookup } from '../../../../server/src/repository/eclass.ts';
import { findBringingEclasses } from '../../../../server/src/trial/needs/atoms/bringing-eclasses.ts';
import { markLanguage } from '../../../../server/src/trial/needs/need.ts';
import { need } from '../../../audit/observed.ts';

const ECLASSES: Readonly<Record<string, string>> = {
  autotools:
    '_autoconf_atom=">=dev-build/autoconf-2.71"\nAUTOTOOLS_DEPEND="${_autoconf_atom}\n\tdev-build/libtool"\nBDEPEND=${AUTOTOOLS_DEPEND}\n',
  cmake: 'inherit ninja-utils\nBDEPEND="dev-build/cmake"\nBDEPEND+=" ${NINJA_DEPEND}"\n',
  'cmake-multilib': 'inherit cmake\n',
  'linux-mod-r1': 'BDEPEND="sys-apps/kmod virtual/pkgconfig"\n',
  'ninja-utils': 'NINJA_DEPEND="app-alternatives/ninja"\n',
  'kde.org': 'BDEPEND="dev-build/cmake"\n',
  'perl-functions': '# dev-lang/perl\nperl_set() { die "needs dev-lang/perl"; }\n',
  'perl-module': 'DEPEND="dev-lang/perl"\n',
  'python-any-r1': 'PYTHON_DEPS="|| ( dev-lang/python:3.11 )"\n',
};

const repository = mkdtempSync(join(tmpdir(), 'ebuild-audit-eclasses-'));
let lookup: EclassLookup;
beforeAll(() => {
  mkdirSync(join(repository, 'eclass'));
  for (const [name, text] of Object.entries(ECLASSES))
    writeFileSync(join(repository, `eclass/${name}.eclass`), text);
  lookup = createEclassLookup(
    [repository],
    () => undefined,
    () => {},
  );
});
afterAll(() => rmSync(repository, { recursive: true }));

test.each([
  [['dev-build/cmake'], ['cmake'], [], ['cmake', 'cmake-multilib']],
  [['dev-build/cmake'], ['cmake', 'ctest'], ['cmake'], ['cmake-multilib']],
  [['dev-build/ninja', 'app-alternatives/ninja'], ['ninja'], [], ['ninja-utils']],
  [['dev-build/autoconf'], ['autoconf'], [], ['autotools']],
  [['dev-build/libtool'], ['libtool', 'libtoolize'], [], ['autotools']],
  [['dev-lang/perl'], ['perl', 'pod2man'], [], []],
  [['dev-lang/python'], ['python', 'python3.11'], [], ['python-any-r1']],
  [['sys-devel/bison'], ['bison'], [], []],
  [['virtual/pkgconfig'], ['pkgconf', 'x86_64-pc-linux-gnu-pkg-config', 'x86_64-linux-gnu-pkgconf'], [], []],
] as const)(
  'the eclasses for %s, run as %s, if the ebuild inherits %s',
  (packages, tools, inherited, eclasses) => {
    expect(findBringingEclasses(packages, tools, lookup, inherited)).toEqual(eclasses);
  },
);

test.each([
  ['BDEPEND', 'dev-lang/python:3.12', ['python-any-r1'], 'python-any-r1'],
  ['RDEPEND', 'dev-lang/python:3.12', ['python-any-r1', 'python-single-r1'], 'python-single-r1'],
  ['RDEPEND', 'dev-lang/python:3.12', ['python-any-r1'], undefined],
  ['BDEPEND', 'dev-lang/lua:5.4', ['lua-single'], 'lua-single'],
  ['BDEPEND', 'dev-lang/perl', ['perl-module'], undefined],
] as const)('the eclass of an interpreter in %s: %s with %j is %s', (variable, name, known, eclass) => {
  const lacking = need(variable, name, { eclasses: ['python-r1'] });
  const marked = markLanguage(lacking, (wanted) => (known as readonly string[]).includes(wanted));
  expect([marked.languageEclass, marked.eclasses]).toEqual([
    eclass,
    eclass === undefined ? ['python-r1'] : undefined,
  ]);
});
