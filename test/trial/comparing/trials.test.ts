import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import type { TrialRecord } from '../../../server/src/audit/record.ts';
import { locateForTrial } from '../../../server/src/evaluation/work-folder.ts';
import { readRootState } from '../../../server/src/host/root-state.ts';
import type { Sandbox } from '../../../server/src/sandbox/sandbox.ts';
import { runTrial } from '../../../server/src/trial/run-trial.ts';
import type { TrialRequest } from '../../../server/src/trial/trial.ts';
import { writeRepository } from '../../support/ebuild-files.ts';
import { requireOrSkip } from '../../support/requirement.ts';
import { createWorld, missingForTrials } from '../../support/world.ts';

let home: string;
beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'ebuild-audit-comparing-'));
  // The builds of root run as an unprivileged user.
  chmodSync(home, 0o755);
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

/** The sources: a configure script like those of autoconf, and a Makefile. */
const SOURCES = {
  configure: `#!/bin/sh
: > config.mk
echo '#include "config.h"' > test.c
has() { echo "#include <$1>" > conftest.c; cc -c conftest.c -o conftest.o 2>/dev/null; }
: > config.h
if test "$1" != --without-png && has png.h; then
  echo '#define HAVE_PNG 1' > config.h
  echo 'LIBS = -lpng' > config.mk
fi
case " $* " in
*' --without-sqlite '*) ;;
*) has sqlite3.h && echo "checking for sqlite3.h... yes, and no use for it" ;;
esac
exit 0
`,
  Makefile: `include config.mk
hello: hello.c config.h
	cc -o hello hello.c $(LIBS)
check: hello
	echo '#include <check.h>' | cc -E - >/dev/null
`,
  'hello.c': `#include "config.h"
#ifdef HAVE_PNG
#include <png.h>
int main(void) { return png_access_version_number() == 0; }
#else
int main(void) { return 0; }
#endif
`,
};

function ebuild(lines: string): string {
  return `EAPI=8
DESCRIPTION="A test"
HOMEPAGE="https://example.org/"
S="\${WORKDIR}/hello"
LICENSE="MIT"
SLOT="0"
KEYWORDS="~amd64"
${lines}
src_unpack() { mkdir hello && cp "\${FILESDIR}"/* hello/ || die; }
src_configure() { sh ./configure \${MY_CONF} || die; }
src_install() {
	dobin hello
	[[ \${MY_STAMP} ]] || return
	od -An -N8 -tx1 /dev/urandom > stamp
	insinto /usr/share/hello
	doins stamp
}
`;
}

/** Runs a trial of an ebuild of its own. */
async function tryEbuild(
  name: string,
  lines: string,
  more: Partial<TrialRequest> = {},
): Promise<{ record: TrialRecord; builds: readonly string[] }> {
  const real = await createWorld();
  const folder = `dev-test/${name}`;
  const sources = Object.entries(SOURCES).map(([source, text]) => [`${folder}/files/${source}`, text]);
  const repository = join(home, 'comparing');
  writeRepository(repository, {
    [`${folder}/${name}-1.ebuild`]: ebuild(lines),
    ...Object.fromEntries(sources),
  });
  const file = join(repository, `${folder}/${name}-1.ebuild`);
  const builds: string[] = [];
  const sandbox: Sandbox = {
    run(spec, listener, signal) {
      // An evaluation has a time limit of its own.
      if (spec.time === undefined) builds.push(spec.command.at(-1) ?? '');
      return real.sandbox.run(spec, listener, signal);
    },
  };
  const world = { ...real, home, sandbox };
  const root = await readRootState(world.rootPath, join(home, 'index'));
  const { record } = await runTrial({
    world,
    root,
    location: locateForTrial(file, world.buildsAsOther),
    text: ebuild(lines),
    quick: false,
    fresh: false,
    use: [],
    listener: { progress() {}, record() {} },
    signal: undefined,
    ...more,
  });
  expect(record.failure).toBeUndefined();
  return { record, builds };
}

const ALL = ['prepare', 'configure', 'compile', 'install'];
const printProbes = ({ probes }: TrialRecord) =>
  probes
    .map(({ package: { category, name }, effect, variables }) =>
      [`${category}/${name}`, effect, ...variables].join(' '),
    )
    .sort();
const printRemovals = ({ removals }: TrialRecord) =>
  removals.map(({ variable, atom, outcome, tested }) => [variable, atom, outcome, tested].join(' '));

describe('a probe', () => {
  const test = requireOrSkip(missingForTrials());

  test('has an effect if it changes the image, with the variables in which it belongs', async () => {
    const { record } = await tryEbuild('automagic', 'RESTRICT="test"');
    expect([record.outcome, record.needs]).toEqual(['passed', []]);
    expect(printProbes(record)).toEqual([
      'dev-db/sqlite none DEPEND',
      'media-libs/libpng changes DEPEND RDEPEND',
    ]);
    const changing = record.probes.find(({ effect }) => effect === 'changes');
    expect(changing?.differences[0]).toMatchObject({
      aspect: 'linked-library',
      change: 'added',
      path: '/usr/bin/hello',
      name: 'libpng16.so.16',
    });
  }, 300_000);

  test('is not blamed for an unstable file', async () => {
    const lines = 'RESTRICT="test"\nDEPEND="media-libs/libpng"\nRDEPEND="media-libs/libpng"\nMY_STAMP=1';
    const { record, builds } = await tryEbuild('unstable', lines);
    expect(printProbes(record)).toEqual(['dev-db/sqlite none DEPEND']);
    // The build with sqlite visible, and the control build.
    expect(builds).toEqual([...ALL, ...ALL.slice(1), ...ALL]);
  }, 300_000);

  test('is untried in a quick trial', async () => {
    const { record, builds } = await tryEbuild('quick', 'RESTRICT="test"', { quick: true });
    expect(printProbes(record).map((line) => line.split(' ')[1])).toEqual(['untried', 'untried']);
    expect(builds).toEqual(ALL);
  }, 300_000);
});

describe('a declared atom', () => {
  const test = requireOrSkip(missingForTrials());

  test('that is used needs no build', async () => {
    const lines = `RESTRICT="test"
MY_CONF="--without-sqlite"
DEPEND="media-libs/libpng"
RDEPEND="media-libs/libpng"`;
    const { record, builds } = await tryEbuild('right', lines);
    expect([record.outcome, record.needs, record.probes, record.removals]).toEqual(['passed', [], [], []]);
    expect(builds).toEqual(ALL);
    expect(
      record.uses
        .filter(({ package: { name } }) => name === 'libpng')
        .map(({ licence, kinds }) => [licence, kinds.map(({ kind }) => kind).sort()]),
    ).toEqual([
      ['declared', ['header', 'library']],
      ['declared', ['linked']],
    ]);
  }, 300_000);

  test('that no step touched is left out without building again, unless a package of its group was used', async () => {
    const lines = `RESTRICT="test"
MY_CONF="--without-sqlite"
DEPEND="|| ( media-libs/libpng media-libs/libjpeg-turbo )"
BDEPEND="app-misc/jq"
RDEPEND="media-libs/libpng"`;
    const { record, builds } = await tryEbuild('unused', lines);
    expect(printRemovals(record)).toEqual(['BDEPEND app-misc/jq same false']);
    expect(builds).toEqual(ALL);
  }, 300_000);

  test('of which only a check of configure reads a header is left out to see what that changes', async () => {
    const lines = `RESTRICT="test"
DEPEND="media-libs/libpng dev-db/sqlite"
RDEPEND="media-libs/libpng"`;
    const { record, builds } = await tryEbuild('checked', lines);
    expect(printRemovals(record)).toEqual(['DEPEND dev-db/sqlite same false']);
    expect(builds).toEqual([...ALL, ...ALL.slice(1)]);
  }, 300_000);

  test('that only the tests use is not unused, although they were not run at first', async () => {
    const lines = `MY_CONF="--without-sqlite"
DEPEND="dev-libs/check media-libs/libpng"
RDEPEND="media-libs/libpng"
BDEPEND="app-misc/jq"`;
    const { record } = await tryEbuild('tests', lines);
    expect(printRemovals(record)).toEqual([
      'DEPEND dev-libs/check fails true',
      'BDEPEND app-misc/jq same true',
    ]);
  }, 300_000);

  test('is untried if tests that fail anyway touched it, and not if only a step before them did', async () => {
    const lines = `MY_CONF="--without-sqlite"
DEPEND="dev-libs/check media-libs/libpng"
RDEPEND="media-libs/libpng"
BDEPEND="app-misc/jq"
src_compile() { [[ -e /usr/bin/jq ]]; emake; }
src_test() { emake check && die "they fail"; }`;
    const { record } = await tryEbuild('failing', lines);
    expect(printRemovals(record)).toEqual([
      'DEPEND dev-libs/check untried false',
      'BDEPEND app-misc/jq same false',
    ]);
  }, 300_000);

  test('that the tests need is tried with the flag test', async () => {
    const lines = `IUSE="test"
RESTRICT="!test? ( test )"
MY_CONF="--without-sqlite"
DEPEND="dev-libs/check media-libs/libpng"
RDEPEND="media-libs/libpng"`;
    const { record } = await tryEbuild('flag', lines);
    expect(printRemovals(record)).toEqual(['DEPEND dev-libs/check fails true']);
  }, 300_000);
});
