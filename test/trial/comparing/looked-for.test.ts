import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect } from 'vitest';
import { locateForTrial } from '../../../server/src/evaluation/work-folder.ts';
import { readRootState } from '../../../server/src/host/root-state.ts';
import { runTrial } from '../../../server/src/trial/run-trial.ts';
import { writeRepository } from '../../support/ebuild-files.ts';
import { requireOrSkip } from '../../support/requirement.ts';
import { createWorld, missingForTrials } from '../../support/world.ts';

let home: string;
beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'ebuild-audit-looked-for-'));
  // The builds of root run as an unprivileged user.
  chmodSync(home, 0o755);
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

/** Several build systems that look for one package each, and pass without it. */
const SOURCES = {
  'CMakeLists.txt': `cmake_minimum_required(VERSION 3.16)
project(foo C)
find_library(THING NAMES jansson)
find_path(OTHER sqlite3.h)
`,
  'Makefile.PL': `use ExtUtils::MakeMaker;
WriteMakefile(NAME => 'Foo', VERSION => '1', LIBS => ['-lgif']);
`,
  configure: `#!/bin/sh
if found=$(realpath -e /usr/include/jpeglib.h 2>/dev/null); then echo "with $found"; fi
`,
  'main.c': `#if __has_include(<png.h>)
#endif
int main(void) { return 0; }
`,
};

const EBUILD = `EAPI=8
DESCRIPTION="A test"
HOMEPAGE="https://example.org/"
S="\${WORKDIR}"
LICENSE="MIT"
SLOT="0"
KEYWORDS="~amd64"
BDEPEND="dev-build/cmake dev-lang/perl"
src_unpack() { cp "\${FILESDIR}"/* . || die; }
src_configure() {
	cmake -G "Unix Makefiles" -B built . || die
	perl Makefile.PL || die
	chmod +x configure && ./configure || die
}
src_compile() { cc -o main main.c || die; }
src_test() { :; }
src_install() { dobin main; }
`;

const test = requireOrSkip(missingForTrials());

test('what a build looks for in vain is a probe, by whatever way it looks', async () => {
  const world = { ...(await createWorld()), home };
  const folder = 'dev-test/looker';
  const repository = join(home, 'looking');
  const files = Object.entries(SOURCES).map(([name, text]) => [`${folder}/files/${name}`, text]);
  writeRepository(repository, { [`${folder}/looker-1.ebuild`]: EBUILD, ...Object.fromEntries(files) });
  const root = await readRootState(world.rootPath, join(home, 'index'));
  const { record } = await runTrial({
    world,
    root,
    location: locateForTrial(join(repository, `${folder}/looker-1.ebuild`), world.buildsAsOther),
    text: EBUILD,
    quick: true,
    fresh: false,
    use: [],
    listener: { progress() {}, record() {} },
    signal: undefined,
  });
  expect(record.failure).toBeUndefined();
  const probed = record.probes.map(({ package: { name } }) => name);
  expect(probed).toEqual(expect.arrayContaining(['jansson', 'giflib', 'sqlite', 'libpng', 'libjpeg-turbo']));
  const library = record.probes.find(({ package: { name } }) => name === 'jansson');
  expect(library?.variables).toEqual(['DEPEND']);
  expect(record.untested).toBe('left-out');
}, 300_000);
