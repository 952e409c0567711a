import { describe, expect, test } from 'vitest';
import type { Finding } from '../../server/src/audit/finding.ts';
import type { Need, PackageUse, Probe, TrialRecord } from '../../server/src/audit/record.ts';
import { countAccesses, orderAccesses } from '../../server/src/audit/seen/access-tree.ts';
import { listDependencies } from '../../server/src/audit/seen/dependency-list.ts';
import { readTrial } from '../../server/src/audit/trial-subject.ts';
import { parseEbuild } from '../../server/src/ebuild/facts.ts';
import type { Evidence } from '../../server/src/trace/evidence.ts';
import { bash } from '../ebuild/bash.ts';
import { makeRecord, NOTHING_DECLARED, NOTHING_INHERITED } from '../support/trial-record.ts';

const access = (path: string, change: Partial<Evidence> = {}): Evidence => ({
  phase: 'compile',
  program: '/usr/bin/cc1',
  chain: ['make', 'cc1'],
  operation: 'read',
  path,
  result: 'seen',
  count: 1,
  ...change,
});

function packageOf(name: string, version = '1', slot = '0') {
  const [category = '', own = ''] = name.split('/');
  return { category, name: own, version, slot, subslot: '0', use: [] };
}

const use = (name: string, kinds: PackageUse['kinds'], change: Partial<PackageUse> = {}): PackageUse => ({
  package: packageOf(name),
  atom: name,
  licence: 'declared',
  kinds,
  bounds: [],
  ...change,
});

const need = (name: string, path: string): Need => ({
  package: packageOf(name, '1.6'),
  atom: name,
  variable: 'DEPEND',
  certainty: 'proven',
  evidence: [access(path, { result: 'denied' })],
});

const probe = (name: string): Probe => ({
  package: packageOf(name),
  atom: name,
  variables: ['BDEPEND'],
  effect: 'none',
  differences: [],
  evidence: [access('/usr/bin/git', { phase: 'configure', operation: 'execute', result: 'denied' })],
});

const finding = (code: Finding['code'], about: Finding['about'], at: [number, number] = [0, 0]): Finding => ({
  code,
  severity: 'error',
  message: code,
  range: { start: at[0], end: at[1] },
  evidence: [],
  about,
});

function list(text: string, change: Partial<TrialRecord> = {}, findings: readonly Finding[] = []) {
  return listDependencies(readTrial(makeRecord(text, change), parseEbuild(text, bash)), findings);
}

const brief = (listed: ReturnType<typeof list>) =>
  listed.dependencies.map(({ group, atom, state, findings }) =>
    [group, atom, state, ...findings.map(({ code }) => code)].join(' '),
  );

describe('what a trial saw, by dependency', () => {
  const TEXT =
    'EAPI=8\nRDEPEND="sys-libs/zlib:="\nDEPEND="${RDEPEND} dev-libs/glib"\nBDEPEND="test? ( app-misc/t )"\n';

  test('undeclared packages come first, needed ones before those that were only looked for', () => {
    const listed = list(
      TEXT,
      {
        iuse: ['test'],
        needs: [need('media-libs/libpng', '/usr/include/png.h')],
        probes: [probe('dev-vcs/git')],
        uses: [
          use('sys-libs/zlib', [
            { kind: 'header', evidence: [access('/usr/include/zlib.h', { count: 3 })] },
            { kind: 'linked', evidence: [access('/usr/lib/libz.so', { phase: 'install' })] },
          ]),
          use('sys-apps/sed', [{ kind: 'program', evidence: [access('/bin/sed')] }], { licence: 'system' }),
          use('dev-libs/pcre', [{ kind: 'library', evidence: [] }], { licence: 'closure' }),
        ],
      },
      [finding('missing-depend', ['media-libs/libpng'])],
    );
    expect(brief(listed)).toEqual([
      'undeclared media-libs/libpng needed missing-depend',
      'undeclared dev-vcs/git looked-for',
      'RDEPEND sys-libs/zlib:= used',
      'DEPEND sys-libs/zlib:= used',
      'DEPEND dev-libs/glib not-used',
      'closure dev-libs/pcre used',
      'system sys-apps/sed used',
    ]);
    expect(listed.inactive).toBe(1);
    const [, , inImage, inBuild] = listed.dependencies;
    expect([inImage, inBuild].map((found) => found && countAccesses(found))).toEqual([1, 3]);
  });

  test('the way of an access goes from the owner by phase and program to the file', () => {
    const [missing] = list('EAPI=8\n', {
      needs: [need('media-libs/libpng', '/usr/include/png.h')],
    }).dependencies;
    expect(missing && orderAccesses(missing)).toEqual([
      {
        package: 'media-libs/libpng-1.6',
        phases: [
          {
            phase: 'src_compile',
            programs: [
              {
                program: '/usr/bin/cc1',
                files: [
                  {
                    path: '/usr/include/png.h',
                    name: '/usr/include/png.h',
                    sentence: 'src_compile › make › cc1 tried to read /usr/include/png.h, which was hidden',
                    denied: true,
                    count: 1,
                  },
                ],
              },
            ],
          },
        ],
      },
    ]);
  });

  test('an atom that is written since declares what was missing', () => {
    const record = { needs: [need('media-libs/libpng', '/usr/include/png.h')] };
    expect(brief(list('EAPI=8\nDEPEND="media-libs/libpng:="\n', record))).toEqual([
      'DEPEND media-libs/libpng:= needed',
    ]);
    // And one that is taken out does not declare what was used.
    const used = use('sys-libs/zlib', [{ kind: 'header', evidence: [] }]);
    expect(brief(list('EAPI=8\nDEPEND=""\n', { uses: [used] }))).toEqual(['undeclared sys-libs/zlib used']);
  });

  test('a virtual declares the package that stands behind it, and an eclass its own atoms', () => {
    const listed = list('EAPI=8\nBDEPEND="virtual/pkgconfig"\n', {
      uses: [
        use('dev-util/pkgconf', [{ kind: 'program', evidence: [access('/usr/bin/pkgconf')] }], {
          atom: 'virtual/pkgconfig',
        }),
      ],
      evaluated: { ...NOTHING_DECLARED, BDEPEND: 'virtual/pkgconfig dev-build/cmake' },
      inherited: { ...NOTHING_INHERITED, BDEPEND: ['dev-build/cmake'] },
    });
    expect(
      listed.dependencies.map(({ atom, range, packages }) => [atom, range !== undefined, packages.length]),
    ).toEqual([
      ['virtual/pkgconfig', true, 1],
      ['dev-build/cmake', false, 0],
    ]);
  });

  test('a finding belongs to the atom where it stands, if the package has several', () => {
    const text = 'EAPI=8\nRDEPEND="a/b"\nDEPEND="a/b"\n';
    const at = text.lastIndexOf('a/b');
    const findings = [finding('unused', ['a/b'], [at, at + 3])];
    expect(brief(list(text, {}, findings))).toEqual(['RDEPEND a/b not-used', 'DEPEND a/b not-used unused']);
  });

  test('the same access in two USE states is one', () => {
    const uses = [use('a/b', [{ kind: 'header', evidence: [access('/usr/include/b.h')] }])];
    const text = 'EAPI=8\nDEPEND="a/b"\n';
    const [found] = list(text, { uses, variants: [makeRecord(text, { uses })] }).dependencies;
    expect(found?.packages[0]?.accesses).toHaveLength(1);
    expect(found && countAccesses(found)).toBe(2);
  });

  test('broken, empty and odd texts have a list', () => {
    for (const text of ['', 'DEPEND="', 'DEPEND="a/b\r\n\tc/d"\r\n', 'DEPEND="ä/☃ || ( ) a/b["', '\0$((']) {
      const listed = list(text, { needs: [need('x/y', '/x')] });
      expect(listed.dependencies[0]?.atom).toBe('x/y');
    }
  });
});
