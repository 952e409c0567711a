import { expect, test } from 'vitest';
import { checkText } from '../../server/src/audit/check.ts';
import { fixAll } from '../../server/src/audit/fix-all.ts';
import { parseEbuild } from '../../server/src/ebuild/facts.ts';
import { bash } from '../ebuild/bash.ts';
import { makeKnowledge } from './world.ts';

const IDENTITY = { category: 'dev-python', packageAndVersion: 'own-1.2' };
const WORLD = makeKnowledge(
  [
    'dev-python/yarl-1:0[python_targets_python3_12]',
    'dev-python/lone-1:0[python_single_target_python3_12]',
    'dev-lua/lpeg-1:0[lua_targets_lua5-4]',
    'dev-python/mixed-1:0[python_targets_python3_12]',
    'dev-python/mixed-2:0[]',
    'dev-python/shy-1:0[?]',
    'dev-python/own-1.1:0[python_targets_python3_12]',
    'dev-libs/libxml2-2:2[icu,python,python_targets_python3_12]',
  ],
  {
    eclasses: Object.fromEntries(
      ['distutils-r1', 'python-r1', 'python-single-r1', 'python-any-r1', 'lua', 'lua-single'].map((name) => [
        name,
        { iuse: '?' },
      ]),
    ),
  },
);

const checked = (text: string) => checkText(parseEbuild(text, bash), WORLD, IDENTITY);
const codes = (text: string) => checked(text).map(({ code, severity }) => `${severity} ${code}`);
const fixed = (text: string) => fixAll(text, (today) => ({ findings: checked(today) }));
const ebuild = (eclass: string, body: string) => `EAPI=8\ninherit ${eclass}\nSLOT="0"\n${body}\n`;

test.each([
  ['distutils-r1', 'RDEPEND="dev-python/yarl"', 'RDEPEND="dev-python/yarl[${PYTHON_USEDEP}]"'],
  ['python-r1', 'RDEPEND=">=dev-python/yarl-1:0[x]"', 'RDEPEND=">=dev-python/yarl-1:0[x,${PYTHON_USEDEP}]"'],
  [
    'distutils-r1',
    'BDEPEND="test? ( dev-python/yarl )"',
    'BDEPEND="test? ( dev-python/yarl[${PYTHON_USEDEP}] )"',
  ],
  ['python-r1', 'RDEPEND="dev-libs/libxml2[python]"', 'RDEPEND="dev-libs/libxml2[python,${PYTHON_USEDEP}]"'],
  [
    'python-r1',
    'C="dev-python/yarl"\nRDEPEND="${C}"',
    'C="dev-python/yarl[${PYTHON_USEDEP}]"\nRDEPEND="${C}"',
  ],
  [
    'python-r1',
    `RDEPEND="$(python_gen_cond_dep 'dev-python/yarl' python3_12)"`,
    `RDEPEND="$(python_gen_cond_dep 'dev-python/yarl[\${PYTHON_USEDEP}]' python3_12)"`,
  ],
  [
    'python-single-r1',
    'RDEPEND="${PYTHON_DEPS}\n\tgui? ( dev-python/yarl )\n"',
    `RDEPEND="\${PYTHON_DEPS}\n\tgui? ( $(python_gen_cond_dep 'dev-python/yarl[\${PYTHON_USEDEP}]') )\n"`,
  ],
  [
    'python-single-r1',
    `RDEPEND="$(python_gen_cond_dep '\n\t\tdev-python/yarl\n\t')"`,
    `RDEPEND="$(python_gen_cond_dep '\n\t\tdev-python/yarl[\${PYTHON_USEDEP}]\n\t')"`,
  ],
  ['lua', 'RDEPEND="dev-lua/lpeg"', 'RDEPEND="dev-lua/lpeg[${LUA_USEDEP}]"'],
  ['lua-single', 'RDEPEND="dev-lua/lpeg"', `RDEPEND="$(lua_gen_cond_dep 'dev-lua/lpeg[\${LUA_USEDEP}]')"`],
  [
    'distutils-r1',
    'DISTUTILS_SINGLE_IMPL=1\nRDEPEND="dev-python/lone"',
    'DISTUTILS_SINGLE_IMPL=1\nRDEPEND="dev-python/lone[${PYTHON_SINGLE_USEDEP}]"',
  ],
])('%s: %s', (eclass, before, after) => {
  const text = ebuild(eclass, before);
  expect(codes(text)).toContain('warning missing-target-usedep');
  expect(fixed(text)).toBe(ebuild(eclass, after));
  expect(codes(ebuild(eclass, after))).not.toContain('warning missing-target-usedep');
});

test('the message says what to write', () => {
  const [finding] = checked(ebuild('distutils-r1', 'RDEPEND="dev-python/yarl"'));
  expect(finding?.message).toBe(
    'Write dev-python/yarl[${PYTHON_USEDEP}]: the installed package needs dev-python/yarl for the same version of Python, and the atom does not ask for it.',
  );
});

test.each([
  ['distutils-r1', `RDEPEND='dev-python/yarl'`],
  ['distutils-r1', `RDEPEND="$(python_gen_cond_dep "dev-python/yarl")"`],
  ['python-single-r1', 'RDEPEND="|| ( dev-python/yarl dev-python/mixed )"'],
])('it is said without an edit where the words would mean something else: %s %s', (eclass, body) => {
  const text = ebuild(eclass, body);
  expect(codes(text)).toContain('warning missing-target-usedep');
  expect(fixed(text)).toBe(text);
});

test.each([
  ['it asks already', 'distutils-r1', 'RDEPEND="dev-python/yarl[${PYTHON_USEDEP}]"'],
  ['it names the flag', 'python-r1', 'RDEPEND="dev-python/yarl[python_targets_python3_12]"'],
  ['a tool of the build', 'distutils-r1', 'BDEPEND="dev-python/yarl doc? ( dev-python/yarl )"'],
  ['only built against', 'distutils-r1', 'DEPEND="dev-python/yarl"'],
  ['without the flag python', 'python-r1', 'RDEPEND="dev-libs/libxml2"'],
  ['another language', 'lua', 'RDEPEND="dev-python/yarl"'],
  ['a version has no such flags', 'python-r1', 'RDEPEND="dev-python/mixed"'],
  ['the flags are not known', 'python-r1', 'RDEPEND="dev-python/shy dev-python/strange"'],
  ['its own package', 'python-r1', 'RDEPEND="dev-python/own"'],
  ['a blocker', 'python-r1', 'RDEPEND="!dev-python/yarl"'],
  ['for one Python, which the ebuild for several cannot ask for', 'python-r1', 'RDEPEND="dev-python/lone"'],
  ['an ebuild that needs Python only to be built', 'python-any-r1', 'RDEPEND="dev-python/yarl"'],
  ['no eclass of Python', 'toolchain', 'RDEPEND="dev-python/yarl"'],
  ['an unknown eclass', 'distutils-r1 ${MORE}', 'RDEPEND="dev-python/yarl"'],
])('it is not said: %s', (_, eclass, body) => {
  expect(codes(ebuild(eclass, body))).not.toContain('warning missing-target-usedep');
});
