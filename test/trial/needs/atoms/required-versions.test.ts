import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { NamedKind } from '../../../../server/src/audit/record.ts';
import { type RootState, readRootState } from '../../../../server/src/host/root-state.ts';
import type { InstalledPackage } from '../../../../server/src/installed/vdb.ts';
import { normalisePerl } from '../../../../server/src/pms/perl-version.ts';
import { createAtomWriter } from '../../../../server/src/trial/needs/atoms/atom-writer.ts';
import { checkRequired } from '../../../../server/src/trial/needs/atoms/required-versions.ts';
import { contentsOf } from '../../../support/installed-package.ts';

const folder = mkdtempSync(join(tmpdir(), 'required-versions-'));
afterAll(() => rmSync(folder, { recursive: true }));

const SITE = '/usr/lib/python3.12/site-packages';
const PERL = '/usr/lib64/perl5/vendor_perl/5.40';
const FILES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'dev-python/markupsafe-2.1.2-r1': { [`${SITE}/MarkupSafe-2.1.2.dist-info/METADATA`]: '' },
  'dev-python/odd-20240101': { [`${SITE}/odd-3.1-py3.12.egg-info`]: '' },
  'dev-python/bare-2': { [`${SITE}/bare.py`]: '' },
  'dev-perl/Net-SSLeay-1.940.0': {
    [`${PERL}/Net/SSLeay.pm`]: "package Net::SSLeay;\nour $VERSION = '1.94';\n",
  },
  'dev-perl/Plain-1.94': { [`${PERL}/Plain.pm`]: '$Plain::VERSION = 1.94;\n' },
  'dev-perl/Dotted-1.2.3': { [`${PERL}/Dotted.pm`]: 'package Dotted v1.2.3 {\n' },
  'dev-perl/Other-5.1.0': { [`${PERL}/Other.pm`]: "use vars '$VERSION';\n$VERSION = '0.02';\n" },
  'dev-perl/Silent-1.0.0': { [`${PERL}/Silent.pm`]: '1;\n__END__\n$VERSION = 1;\n' },
};

let root: RootState;
beforeAll(async () => {
  const put = (path: string, text: string | Buffer) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  };
  for (const [cpv, files] of Object.entries(FILES)) {
    put(`root/var/db/pkg/${cpv}/CONTENTS`, contentsOf(Object.keys(files)));
    put(`root/var/db/pkg/${cpv}/SLOT`, '0\n');
    for (const [path, text] of Object.entries(files)) put(`root${path}`, text);
  }
  root = await readRootState(join(folder, 'root'), join(folder, 'cache'));
});

/** The atom for RDEPEND if metadata requires the package with these lower bounds. */
function atomFor(name: string, kind: NamedKind, wanted: string, ...bounds: string[]): string {
  const [installed] = root.lookup.get(name) as InstalledPackage[];
  const [file = ''] = Object.keys(FILES[`${name}-${installed?.version}`] ?? {});
  if (installed === undefined) throw new Error(name);
  const required = checkRequired(
    bounds.map((atLeast) => ({
      need: { user: '/m', kind, requirement: { stated: `${wanted} (>=${atLeast})`, atLeast } },
      wanted,
      package: installed,
      path: file.replace(/\/METADATA$/, ''),
    })),
    root,
  );
  return createAtomWriter({ required }, root).atomFor(installed, 'RDEPEND');
}

describe('the lower bound of metadata', () => {
  test.each<[string, NamedKind, string, string[], string]>([
    ['dev-python/markupsafe', 'python-metadata', 'markupsafe', ['2.0'], '>=dev-python/markupsafe-2.0'],
    ['dev-python/markupsafe', 'python-metadata', 'markupsafe', ['1', '2.1'], '>=dev-python/markupsafe-2.1'],
    // The installed version is older, and the package has numbers of its own.
    ['dev-python/markupsafe', 'python-metadata', 'markupsafe', ['3'], 'dev-python/markupsafe'],
    ['dev-python/odd', 'python-metadata', 'odd', ['3.0'], 'dev-python/odd'],
    ['dev-python/bare', 'python-metadata', 'bare', ['1'], 'dev-python/bare'],
    ['dev-perl/Net-SSLeay', 'perl-metadata', 'Net::SSLeay', ['1.46'], '>=dev-perl/Net-SSLeay-1.460.0'],
    ['dev-perl/Net-SSLeay', 'perl-metadata', 'Net::SSLeay', ['1.95'], 'dev-perl/Net-SSLeay'],
    ['dev-perl/Plain', 'perl-metadata', 'Plain', ['1.46'], '>=dev-perl/Plain-1.46'],
    ['dev-perl/Dotted', 'perl-metadata', 'Dotted', ['v1.2'], '>=dev-perl/Dotted-1.2.0'],
    ['dev-perl/Other', 'perl-metadata', 'Other', ['0.01'], 'dev-perl/Other'],
    ['dev-perl/Silent', 'perl-metadata', 'Silent', ['0.5'], 'dev-perl/Silent'],
  ])('%s, %s %s %j: %s', (name, kind, wanted, bounds, atom) => {
    expect(atomFor(name, kind, wanted, ...bounds)).toBe(atom);
  });

  test('is not for what only the build runs', () => {
    const [installed] = root.lookup.get('dev-python/markupsafe') as InstalledPackage[];
    if (installed === undefined) throw new Error('not installed');
    const bound = { operator: '>=', version: '2.0', statedBy: '/m' } as const;
    const writer = createAtomWriter({ required: [{ package: installed, bound }] }, root);
    expect(writer.atomFor(installed, 'BDEPEND')).toBe('dev-python/markupsafe');
  });
});

test.each([
  ['1.46', '1.460.0'],
  ['1.002003', '1.2.3'],
  ['1.2345678', '1.234.567.800'],
  ['5', '5.0.0'],
  ['v1.2', '1.2.0'],
  ['1.2.3', '1.2.3'],
  ['0.08', '0.80.0'],
])('%s of Perl is %s', (version, normal) => expect(normalisePerl(version)).toBe(normal));
