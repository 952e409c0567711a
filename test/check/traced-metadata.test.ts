import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readTracedMetadata } from '../../server/src/check/traced-metadata.ts';
import { describeMetadata } from '../../server/src/cli/report/metadata-json.ts';
import { formatMetadata } from '../../server/src/cli/report/metadata-text.ts';
import { parseEbuild } from '../../server/src/ebuild/facts.ts';
import type { EvaluatedMetadata } from '../../server/src/package-manager/port.ts';
import { bash } from '../ebuild/bash.ts';

const folder = mkdtempSync(join(tmpdir(), 'ebuild-audit-traced-'));
afterAll(() => rmSync(folder, { recursive: true }));
const overlay = join(folder, 'overlay');
const file = join(overlay, 'dev-test/tool/tool-1.2.ebuild');

const TEXT = `EAPI=8
inherit maker
SLOT="0"
IUSE="gui ssl"
COMMON="dev-libs/a:="
RDEPEND="\${COMMON}
	gui? ( !ssl? ( x11-libs/b ) )
	$(python_gen_cond_dep 'dev-python/c[\${PYTHON_USEDEP}]')"
`;
const RDEPEND =
  'dev-libs/a:= gui? ( !ssl? ( x11-libs/b ) ) python_targets_python3_13? ( dev-python/c[python_targets_python3_13(-)] )';

const EVALUATED: EvaluatedMetadata = {
  eapi: '8',
  slot: '0',
  dependencies: { DEPEND: '', BDEPEND: 'dev-build/maker', RDEPEND, PDEPEND: '', IDEPEND: '' },
  restrict: '',
  requiredUse: '',
  iuse: ['gui', 'ssl'],
  fixedUse: [],
  expandedUse: [],
  use: ['gui', 'python_targets_python3_13'],
  inherited: ['maker'],
  definedPhases: [],
  distfiles: [],
  system: [],
  approximations: [],
};

beforeAll(() => {
  const put = (path: string, text: string) => {
    mkdirSync(dirname(join(overlay, path)), { recursive: true });
    writeFileSync(join(overlay, path), text);
  };
  put('profiles/repo_name', 'traced\n');
  put('metadata/layout.conf', 'masters =\n');
  put('eclass/maker.eclass', 'BDEPEND="dev-build/maker"\n');
  put('dev-test/tool/tool-1.2.ebuild', TEXT);
});

const read = () => readTracedMetadata(folder, async () => EVALUATED, file, parseEbuild(TEXT, bash));

test('every atom says where it came from, under which flags, and whether these are enabled', async () => {
  const { atoms } = describeMetadata({ file, text: TEXT, traced: await read() });
  const at = (line: number, column: number, length: number) => ({
    start: { line, column },
    end: { line, column: column + length },
  });
  const text = { kind: 'text', variable: null, generator: null };
  expect(atoms).toEqual([
    {
      variable: 'RDEPEND',
      atom: 'dev-libs/a:=',
      when: 'always',
      active: true,
      origin: { ...text, range: at(5, 9, 12), variable: 'COMMON' },
    },
    {
      variable: 'RDEPEND',
      atom: 'x11-libs/b',
      when: 'gui and not ssl',
      active: true,
      origin: { ...text, range: at(7, 17, 10) },
    },
    {
      variable: 'RDEPEND',
      atom: 'dev-python/c[python_targets_python3_13(-)]',
      when: 'python_targets_python3_13',
      active: true,
      origin: { ...text, range: at(8, 25, 30), generator: 'python_gen_cond_dep' },
    },
    {
      variable: 'BDEPEND',
      atom: 'dev-build/maker',
      when: 'always',
      active: true,
      origin: { kind: 'eclass', eclass: 'maker' },
    },
  ]);
});

test('the report for people has a line for each', async () => {
  expect(formatMetadata(TEXT, await read())).toBe(`EAPI       8
SLOT       0
IUSE       gui ssl
enabled    gui
inherited  maker
source     package manager

RDEPEND
  line 5:9, via COMMON               dev-libs/a:=
  line 7:17                          x11-libs/b  if gui and not ssl
  line 8:25, by python_gen_cond_dep  dev-python/c[python_targets_python3_13(-)]  if python_targets_python3_13

BDEPEND
  maker.eclass                       dev-build/maker`);
});

test('an atom that the enabled flags do not ask for is marked', async () => {
  const evaluate = async () => ({ ...EVALUATED, use: ['ssl'] });
  const traced = await readTracedMetadata(folder, evaluate, file, parseEbuild(TEXT, bash));
  expect(formatMetadata(TEXT, traced)).toMatch(/^- line 7:17 +x11-libs\/b {2}if gui and not ssl$/m);
});

test('where nobody may be asked, one sentence says so', async () => {
  await expect(readTracedMetadata(folder, undefined, file, parseEbuild(TEXT, bash))).rejects.toThrow(
    /Only bash can evaluate the metadata/,
  );
});
