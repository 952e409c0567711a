/**
 * `npm run bench:chance [-- --trials N] [--jobs N]`: runs trials of ebuilds whose parallel builds fail by chance, and counts how often a
 * package is blamed for it, and how often one that is needed is still found. It needs the results of `npm run set-up`. docs/measurements.md
 * has its figures.
 */
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { buildNativeHelper } from '../../scripts/native-helper.ts';
import { judge } from '../../server/src/audit/judge.ts';
import { parseEbuild } from '../../server/src/ebuild/facts.ts';
import { stateFolder } from '../../server/src/package-manager/home.ts';
import { createTrialRunner } from '../../server/src/trial/trial-runner.ts';
import { openBash } from '../bash.ts';

const { values } = parseArgs({
  options: { trials: { type: 'string', default: '200' }, jobs: { type: 'string', default: '2' } },
});
const trials = Number(values.trials);
const jobs = Number(values.jobs);

/** What a build needs of sys-libs/zlib, which none of the ebuilds declares. Every build looks for its header. */
const KINDS = {
  'needs nothing': ':',
  'needs a header, and says so': 'gcc -E -include zlib.h -x c /dev/null -o /dev/null || die "gcc failed"',
  'needs a header, and says nothing':
    'gcc -E -include zlib.h -x c /dev/null -o /dev/null 2>/dev/null || die "it does not work"',
} as const;
/** One build in so many fails. */
const ODDS = [20, 3] as const;

/** One of several parallel jobs fails once in `odds` builds. */
const makeEbuild = (need: string, odds: number) => `EAPI=8
DESCRIPTION="Fails once in ${odds} builds"
HOMEPAGE="https://example.org/"
LICENSE="MIT"
SLOT="0"
KEYWORDS="~amd64"
S="\${WORKDIR}"
src_unpack() {
	printf 'all: one two three four\\none two four:\\n\\t@:\\nthree:\\n\\t@test $$(( $$(od -An -N2 -tu2 /dev/urandom) %% ${odds} )) -ne 0\\n' > Makefile || die
}
src_configure() { gcc -E -include zlib.h -x c /dev/null -o /dev/null 2>/dev/null; :; }
src_compile() {
	emake -j4
	${need}
}
src_install() { :; }
`;

interface Counts {
  blamed: number;
  found: number;
  passed: number;
  unsteady: number;
  refused: number;
}

process.umask(0o022);
const real = stateFolder(process.env, process.geteuid?.() ?? 0);
const folder = mkdtempSync(join(tmpdir(), 'ebuild-audit-chance-'));
chmodSync(folder, 0o755);
process.on('exit', () => rmSync(folder, { recursive: true, force: true, maxRetries: 30, retryDelay: 100 }));
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(1));
const repository = join(folder, 'overlay');
const write = (path: string, text: string): string => {
  const file = join(repository, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  chmodSync(file, 0o644);
  return file;
};
write('profiles/repo_name', 'chance\n');
write('profiles/categories', 'dev-test\n');
write('metadata/layout.conf', 'masters = gentoo\nthin-manifests = true\ncache-formats =\n');
await buildNativeHelper('out/bench');
const home = join(folder, 'home');
mkdirSync(home);
for (const name of ['package-managers', 'root']) symlinkSync(join(real, name), join(home, name));
process.env.EBUILD_AUDIT_HOME = home;
const parser = await openBash();
const readFacts = (text: string) => parseEbuild(text, parser);
const settings = { root: '', packageManager: 'auto', buildJobs: 0, bwrap: '' } as const;
const runner = createTrialRunner(settings, readFacts, console.error);

async function runOne(file: string, text: string, counts: Counts): Promise<void> {
  try {
    const record = await runner.run(
      { file, text, fresh: true, quick: true },
      { progress: () => {}, record: () => {} },
    );
    const { findings } = judge(record, readFacts(text));
    const isZlib = findings.some(({ about }) => about.includes('sys-libs/zlib'));
    counts.found += Number(isZlib);
    counts.blamed += findings.length - Number(isZlib);
    counts.passed += Number(record.outcome === 'passed');
    counts.unsteady += Number(record.gaps.some((gap) => gap.includes('fails now and then')));
  } catch (error) {
    counts.refused += 1;
    console.error((error as Error).message);
  }
}

let isFalse = false;
console.log(
  '| the build | fails by chance | trials | false findings | needs found | passed in the end | said to fail now and then |',
);
console.log('|---|---|---|---|---|---|---|');
for (const [index, [kind, need]] of Object.entries(KINDS).entries()) {
  for (const odds of ODDS) {
    const counts: Counts = { blamed: 0, found: 0, passed: 0, unsteady: 0, refused: 0 };
    const text = makeEbuild(need, odds);
    const count = index === 0 ? trials : Math.ceil(trials / 10);
    let left = count;
    await Promise.all(
      Array.from({ length: jobs }, async (_, job) => {
        const name = `chance-kind${index}odds${odds}job${job}`;
        const file = write(`dev-test/${name}/${name}-1.ebuild`, text);
        while (left > 0) {
          left -= 1;
          await runOne(file, text, counts);
        }
      }),
    );
    const blamed = index === 0 ? counts.blamed + counts.found : counts.blamed;
    isFalse ||= blamed > 0;
    const found = index === 0 ? '–' : `${counts.found}`;
    console.log(
      `| ${kind} | 1 in ${odds} | ${count - counts.refused} | ${blamed} | ${found} | ${counts.passed} | ${counts.unsteady} |`,
    );
  }
}
process.exitCode = isFalse ? 1 : 0;
