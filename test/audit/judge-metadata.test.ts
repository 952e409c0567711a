import { describe, expect, test } from 'vitest';
import { fixAll } from '../../server/src/audit/fix-all.ts';
import { judge } from '../../server/src/audit/judge.ts';
import type { Naming, Need, TrialRecord } from '../../server/src/audit/record.ts';
import { parseEbuild } from '../../server/src/ebuild/facts.ts';
import type { Evidence } from '../../server/src/trace/evidence.ts';
import { bash } from '../ebuild/bash.ts';
import { makeRecord } from '../support/trial-record.ts';
import { need, recordedPackage, use } from './observed.ts';

const METADATA = '/usr/lib/python3.11/site-packages/Jinja2-3.1.2.dist-info/METADATA';
const STATED: Naming = { kind: 'python-metadata', wanted: 'markupsafe', stated: 'MarkupSafe (>=2.0)' };

const naming = (program: string): Evidence => ({
  phase: 'install',
  program,
  chain: [program],
  operation: 'name',
  path: '/usr/lib/python3.11/site-packages/MarkupSafe-2.1.2.dist-info',
  result: 'seen',
  count: 1,
});
const markupsafe = (more: Partial<Need> = {}): Need =>
  need('RDEPEND', 'dev-python/markupsafe', {
    package: { ...recordedPackage('dev-python/markupsafe'), use: ['python_targets_python3_11'] },
    atom: '>=dev-python/markupsafe-2.0',
    named: STATED,
    evidence: [naming(METADATA)],
    ...more,
  });

const ebuild = (inherits: string, rest = '') =>
  `EAPI=8\n\nPYTHON_COMPAT=( python3_{11..13} )\n\ninherit ${inherits}\n\nDESCRIPTION="A text"\nSLOT="0"\n${rest}`;

const find = (change: Partial<TrialRecord>, text: string) =>
  judge(makeRecord(text, change), parseEbuild(text, bash)).findings;
const tell = (change: Partial<TrialRecord>, text: string) =>
  find(change, text).map(({ severity, code, message }) => `${severity}[${code}]: ${message}`);
const fix = (change: Partial<TrialRecord>, text: string) => {
  const record = makeRecord(text, change);
  return fixAll(text, (fixed) => judge(record, parseEbuild(fixed, bash)));
};

describe('what metadata requires', () => {
  const text = ebuild('distutils-r1', 'RDEPEND="dev-libs/a"\n');

  test('is a warning with a sure edit, with its lower bound and the flags of its eclass', () => {
    const change = { needs: [markupsafe()] };
    expect(tell(change, text)).toEqual([
      `warning[missing-rdepend]: Add >=dev-python/markupsafe-2.0[\${PYTHON_USEDEP}] to RDEPEND: ${METADATA} requires MarkupSafe (>=2.0), of dev-python/markupsafe.`,
    ]);
    const fixed = ebuild(
      'distutils-r1',
      'RDEPEND="\n\tdev-libs/a\n\t>=dev-python/markupsafe-2.0[${PYTHON_USEDEP}]\n"\n',
    );
    expect(fix(change, text)).toBe(fixed);
    expect(find(change, fixed)).toEqual([]);
  });

  test('of Perl is told by the module', () => {
    const uri = need('RDEPEND', 'dev-perl/URI', {
      named: { kind: 'perl-metadata', wanted: 'URI', stated: 'URI' },
      evidence: [naming('MYMETA.json')],
    });
    const plain = 'EAPI=8\ninherit perl-module\nSLOT="0"\n';
    expect(tell({ needs: [uri] }, plain)).toEqual([
      'warning[missing-rdepend]: Add dev-perl/URI to RDEPEND: MYMETA.json requires URI of dev-perl/URI.',
    ]);
    expect(find({ needs: [uri] }, `${plain}RDEPEND="dev-perl/URI"\n`)).toEqual([]);
  });

  test('for some versions of Python is told, and the author chooses the versions', () => {
    const stated = 'MarkupSafe (>=2.0) if python_version < "3.13"';
    const change = { needs: [markupsafe({ named: { ...STATED, stated, isForVersion: true } })] };
    expect(tell(change, text)).toEqual([
      `warning[missing-rdepend]: Add >=dev-python/markupsafe-2.0[\${PYTHON_USEDEP}] to RDEPEND, in $(python_gen_cond_dep …) with the versions of Python that need it: ${METADATA} requires ${stated}, of dev-python/markupsafe.`,
    ]);
    expect(fix(change, text)).toBe(text);
  });

  test('says why the atom of an import has a bound', () => {
    const bounds = [
      { operator: '>=', version: '2.0', statedBy: `${METADATA} requires MarkupSafe (>=2.0)` },
    ] as const;
    const imported = markupsafe({ named: { kind: 'python', wanted: 'markupsafe' }, bounds });
    expect(find({ needs: [imported] }, text)[0]?.why?.trials).toEqual([
      `Upstream asks for >= 2.0: ${METADATA} requires MarkupSafe (>=2.0).`,
    ]);
  });

  test('and only another package brings is an information with a sure edit', () => {
    const brought = use('dev-perl/URI', ['interpreter'], {
      licence: 'closure',
      through: ['dev-perl/HTTP-Message'],
      requirement: 'URI (>=1.10)',
      kinds: [{ kind: 'interpreter', evidence: [naming('MYMETA.json')] }],
    });
    const plain = 'EAPI=8\ninherit perl-module\nSLOT="0"\nRDEPEND="dev-perl/HTTP-Message"\n';
    expect(tell({ uses: [brought] }, plain)).toEqual([
      'information[transitive]: Add dev-perl/URI to RDEPEND: MYMETA.json requires URI (>=1.10), of dev-perl/URI, which is visible only because dev-perl/HTTP-Message needs it.',
    ]);
    expect(fix({ uses: [brought] }, plain)).toBe(
      plain.replace('"dev-perl/HTTP-Message"', '"\n\tdev-perl/HTTP-Message\n\tdev-perl/URI\n"'),
    );
  });

  test('and no package has is an information', () => {
    const unresolved = [{ kind: 'python-metadata', wanted: 'gone', user: METADATA } as const];
    expect(tell({ unresolved }, text)).toEqual([
      `information[unresolved-need]: Add the package that has gone to RDEPEND, or install gone with this package: ${METADATA} needs the Python distribution gone, which no installed package has.`,
    ]);
  });
});

describe('the flags of a language that a suggested atom asks for', () => {
  const added = (text: string, ...needs: Need[]) =>
    /(?:(?:>=)?dev-(?:python|lua)\/[^\s"]+)/.exec(fix({ needs }, text))?.[0];
  const lua = (...flags: string[]) =>
    need('RDEPEND', 'dev-lua/lpeg', { package: { ...recordedPackage('dev-lua/lpeg'), use: flags } });

  test.each([
    ['distutils-r1', '', '>=dev-python/markupsafe-2.0[${PYTHON_USEDEP}]'],
    ['python-r1', 'RDEPEND="${PYTHON_DEPS}"\n', '>=dev-python/markupsafe-2.0[${PYTHON_USEDEP}]'],
    ['python-single-r1', '', '>=dev-python/markupsafe-2.0'],
    ['python-any-r1', '', '>=dev-python/markupsafe-2.0'],
    ['cmake', '', '>=dev-python/markupsafe-2.0'],
    // Bash does not expand anything in single quotes.
    ['distutils-r1', "RDEPEND='dev-libs/a'\n", '>=dev-python/markupsafe-2.0'],
  ])('inherit %s, %j: %s', (inherits, rest, atom) => {
    expect(added(ebuild(inherits, rest), markupsafe())).toBe(atom);
  });

  test('are those of the package', () => {
    const bare = markupsafe({ package: recordedPackage('dev-python/markupsafe') });
    expect(added(ebuild('distutils-r1'), bare)).toBe('>=dev-python/markupsafe-2.0');
    expect(added(ebuild('lua'), lua('lua_targets_lua5-4'))).toBe('dev-lua/lpeg[${LUA_USEDEP}]');
    const single = lua('lua_single_target_lua5-4');
    expect(added(ebuild('lua-single'), single)).toBe('dev-lua/lpeg[${LUA_SINGLE_USEDEP}]');
    expect(added(ebuild('lua'), single)).toBe('dev-lua/lpeg');
  });

  test('are asked for of a build tool with distutils-r1 only', () => {
    const tool = (variable: Need['variable']): Need => {
      const { named: _, ...plain } = markupsafe({ variable });
      return plain;
    };
    expect(added(ebuild('distutils-r1'), tool('BDEPEND'))).toBe(
      '>=dev-python/markupsafe-2.0[${PYTHON_USEDEP}]',
    );
    expect(added(ebuild('python-r1'), tool('BDEPEND'))).toBe('>=dev-python/markupsafe-2.0');
    expect(added(ebuild('python-r1'), tool('DEPEND'))).toBe('>=dev-python/markupsafe-2.0[${PYTHON_USEDEP}]');
  });
});
