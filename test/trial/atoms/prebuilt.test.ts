import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import type { TrialRecord } from '../../../server/src/audit/record.ts';
import { locateForTrial } from '../../../server/src/evaluation/work-folder.ts';
import { readRootState } from '../../../server/src/host/root-state.ts';
import { runTrial } from '../../../server/src/trial/run-trial.ts';
import { writeRepository } from '../../support/ebuild-files.ts';
import { requireOrSkip } from '../../support/requirement.ts';
import { createWorld, missingForTrials } from '../../support/world.ts';

const SOURCE = '#include <png.h>\nint main(void) { return png_access_version_number() == 0; }\n';

let home: string;
let prebuilt: Buffer;
beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'ebuild-audit-prebuilt-'));
  chmodSync(home, 0o755);
  writeFileSync(join(home, 'hello.c'), SOURCE);
  execFileSync('cc', ['-o', join(home, 'hello'), join(home, 'hello.c'), '-lpng']);
  prebuilt = readFileSync(join(home, 'hello'));
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

async function record(name: string, lines: string): Promise<TrialRecord> {
  const text = `EAPI=8
DESCRIPTION="A test"
HOMEPAGE="https://example.org/"
S="\${WORKDIR}"
LICENSE="MIT"
SLOT="0"
KEYWORDS="~amd64"
src_unpack() { cp "\${FILESDIR}"/* . || die; }
${lines}
`;
  const real = await createWorld();
  const repository = join(home, 'prebuilt');
  const folder = `dev-test/${name}`;
  writeRepository(repository, {
    [`${folder}/${name}-1.ebuild`]: text,
    [`${folder}/files/hello-bin`]: prebuilt,
    [`${folder}/files/hello.c`]: SOURCE,
    [`${folder}/files/other.c`]: 'int main(void) { return 0; }\n',
  });
  const world = { ...real, home };
  const location = locateForTrial(join(repository, `${folder}/${name}-1.ebuild`), world.buildsAsOther);
  const { record: made } = await runTrial({
    world,
    root: await readRootState(world.rootPath, join(home, 'index')),
    location,
    text,
    quick: true,
    fresh: true,
    use: [],
    listener: { progress() {}, record() {} },
    signal: undefined,
  });
  expect([made.outcome, made.failure]).toEqual(['passed', undefined]);
  return made;
}

const atoms = ({ needs }: TrialRecord) =>
  needs.filter(({ variable }) => variable === 'RDEPEND').map(({ atom }) => atom);

describe('the atom of an interpreter', () => {
  const test = requireOrSkip(missingForTrials());

  test('is there for each compiled module, which does not link the interpreter', async () => {
    const { packages } = await readRootState((await createWorld()).rootPath, join(home, 'index'));
    const slot = packages.find(({ category, name }) => `${category}/${name}` === 'dev-lang/python')?.slot;
    const lines = `src_compile() { cc -shared -fPIC -o own.so other.c || die; }
src_install() {
	exeinto /usr/lib/python${slot}/site-packages
	doexe own.so
	exeinto /usr/lib/perl5/vendor_perl/auto/Own
	newexe own.so Own.so
}`;
    const made = await record('modules', lines);
    expect(atoms(made).sort()).toEqual(['dev-lang/perl:=', `dev-lang/python:${slot}`]);
  }, 300_000);
});

describe('the atom of a library that is linked', () => {
  const test = requireOrSkip(missingForTrials());

  test('has no slot operator if nothing was compiled', async () => {
    expect(atoms(await record('copied', 'src_install() { dobin hello-bin; }'))).toEqual([
      'media-libs/libpng',
    ]);
  }, 300_000);

  test('has none if QA_PREBUILT names what links it, whatever else was compiled', async () => {
    const lines = `QA_PREBUILT="usr/bin/\${PN}-bin"
src_compile() { cc -o other other.c || die; }
src_install() { newbin hello-bin mixed-bin; dobin other; }`;
    expect(atoms(await record('mixed', lines))).toEqual(['media-libs/libpng']);
  }, 300_000);

  test('has one if the build has linked it', async () => {
    const lines = `DEPEND="media-libs/libpng"
src_compile() { cc -o hello hello.c -lpng || die; }
src_install() { dobin hello; }`;
    expect(atoms(await record('linked', lines))).toEqual(['media-libs/libpng:=']);
  }, 300_000);

  test('has none if it is declared, and its use says why', async () => {
    const lines = `RDEPEND="media-libs/libpng"
src_install() { dobin hello-bin; }`;
    const { uses } = await record('declared', lines);
    expect(uses.filter(({ kinds }) => kinds.some(({ kind }) => kind === 'linked'))).toMatchObject(
      expect.arrayContaining([expect.objectContaining({ atom: 'media-libs/libpng', relinked: false })]),
    );
  }, 300_000);
});
