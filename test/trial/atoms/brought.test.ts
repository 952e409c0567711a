import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import type { Finding } from '../../../server/src/audit/finding.ts';
import { judge } from '../../../server/src/audit/judge.ts';
import { parseEbuild } from '../../../server/src/ebuild/facts.ts';
import { locateForTrial } from '../../../server/src/evaluation/work-folder.ts';
import { type RootState, readRootState } from '../../../server/src/host/root-state.ts';
import type { InstalledPackage } from '../../../server/src/installed/vdb.ts';
import { groupByName } from '../../../server/src/installed/visible-set.ts';
import { runTrial } from '../../../server/src/trial/run-trial.ts';
import { bash } from '../../ebuild/bash.ts';
import { writeRepository } from '../../support/ebuild-files.ts';
import { installed } from '../../support/installed-package.ts';
import { requireOrSkip } from '../../support/requirement.ts';
import { createWorld, missingForTrials } from '../../support/world.ts';

let home: string;
beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'ebuild-audit-brought-'));
  // The builds of root run as an unprivileged user.
  chmodSync(home, 0o755);
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

interface Project {
  readonly name: string;
  readonly cmake: string;
  readonly source: string;
  /** The dependency variables. */
  readonly declares: string;
  /** The root with other dependencies of its packages. */
  readonly change?: (packages: readonly InstalledPackage[]) => readonly InstalledPackage[];
}

/** Builds an ebuild with cmake and judges it. */
async function findingsOf({ name, cmake, source, declares, change }: Project): Promise<readonly Finding[]> {
  const text = `EAPI=8
DESCRIPTION="A test"
HOMEPAGE="https://example.org/"
S="\${WORKDIR}"
LICENSE="MIT"
SLOT="0"
KEYWORDS="~amd64"
${declares}
src_unpack() { cp "\${FILESDIR}"/* . || die; }
src_configure() { cmake -G "Unix Makefiles" . || die; }
src_install() { dobin hello; }
`;
  const world = { ...(await createWorld()), home };
  const folder = `dev-test/${name}`;
  const repository = join(home, 'brought');
  writeRepository(repository, {
    [`${folder}/${name}-1.ebuild`]: text,
    [`${folder}/files/CMakeLists.txt`]: `cmake_minimum_required(VERSION 3.16)\nproject(hello C)\n${cmake}`,
    [`${folder}/files/hello.c`]: source,
  });
  const real = await readRootState(world.rootPath, join(home, 'index'));
  const packages = change?.(real.packages) ?? real.packages;
  const root: RootState = { ...real, packages, lookup: groupByName(packages) };
  const { record } = await runTrial({
    world,
    root,
    location: locateForTrial(join(repository, `${folder}/${name}-1.ebuild`), world.buildsAsOther),
    text,
    quick: true,
    fresh: true,
    use: [],
    listener: { progress() {}, record() {} },
    signal: undefined,
  });
  expect([record.outcome, record.failure]).toEqual(['passed', undefined]);
  return judge(record, parseEbuild(text, bash)).findings;
}

/** Errors and warnings. */
const told = (findings: readonly Finding[]) =>
  findings
    .filter(({ severity }) => severity === 'error' || severity === 'warning')
    .map(({ severity, code, message }) => `${severity} ${code}: ${message}`);

describe('a package that only others bring is reported', () => {
  const test = requireOrSkip(missingForTrials());

  test('though an alternative, a build tool or the installed version of the package itself brings it', async () => {
    const findings = await findingsOf({
      name: 'chained',
      cmake: `find_package(PkgConfig REQUIRED)
pkg_check_modules(PNG REQUIRED libpng)
add_executable(hello hello.c)
target_link_libraries(hello \${PNG_LIBRARIES} ncurses)
`,
      source:
        '#include <png.h>\n#include <curses.h>\nint main(void) { initscr(); return png_access_version_number() == 0; }\n',
      // sys-apps/gawk needs sys-libs/readline, and that sys-libs/ncurses.
      declares: `RDEPEND="media-libs/libpng:="
DEPEND="\${RDEPEND}"
BDEPEND="app-alternatives/awk dev-build/cmake"`,
      change: (packages) => [
        ...packages.map((entry) =>
          entry.name === 'libpng' ? { ...entry, pdepend: 'dev-test/chained' } : entry,
        ),
        installed('dev-test/chained-0', { rdepend: 'sys-libs/ncurses' }),
      ],
    });
    expect(told(findings)).toEqual([
      'error missing-depend: Add sys-libs/ncurses:= to RDEPEND: the build fails without /usr/include/curses.h of sys-libs/ncurses, and passes with it.',
      expect.stringMatching(
        /^error missing-rdepend: Add sys-libs\/ncurses:= to RDEPEND: \/usr\/bin\/hello links \S+\/libncurses\.so\.6 of sys-libs\/ncurses\.$/,
      ),
      'warning transitive: Add virtual/pkgconfig to BDEPEND: the build uses /usr/bin/pkg-config of dev-util/pkgconf, which is visible only because dev-build/cmake needs it.',
    ]);
  }, 300_000);

  test('but not if only a module of CMake asks for it', async () => {
    const findings = await findingsOf({
      name: 'asked',
      cmake: `find_package(OpenSSL REQUIRED)
add_executable(hello hello.c)
target_link_libraries(hello OpenSSL::Crypto)
`,
      source: '#include <openssl/crypto.h>\nint main(void) { return OpenSSL_version_num() == 0; }\n',
      declares: `RDEPEND="dev-libs/openssl:="
DEPEND="\${RDEPEND}"
BDEPEND="dev-build/cmake"`,
    });
    expect(told(findings)).toEqual([]);
  }, 300_000);
});
