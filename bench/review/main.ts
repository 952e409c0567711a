/**
 * `npm run bench:review [-- --rounds N]`: times reviews whose trials are known in part, with the packaged command line. In each round, 20
 * ebuilds differ from the base and 5 of them are new. The trials of these five alone are timed beside it, and the same review once more.
 * It needs the results of `npm run set-up` and `npm run build`. docs/performance.md has its figures.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { stateFolder } from '../../server/src/package-manager/home.ts';
import { formatColumns, formatTarget, median } from '../table.ts';
import { printQuartiles } from '../trial/quartiles.ts';

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '5' } } });
const rounds = Number(values.rounds);
const CHANGED = 20;
const NEW = 5;
/** What a review may take in addition to its trials, and a repeated review, in seconds. */
const ALLOWED = 2;

const PROGRAM = resolve('dist/cli/ebuild-audit.mjs');
const folder = mkdtempSync(join(tmpdir(), 'ebuild-audit-bench-review-'));
chmodSync(folder, 0o755);
process.on('exit', () => rmSync(folder, { recursive: true, force: true, maxRetries: 30, retryDelay: 100 }));
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(1));
const home = join(folder, 'home');
mkdirSync(home);
const real = stateFolder(process.env, process.geteuid?.() ?? 0);
for (const name of ['package-managers', 'root']) symlinkSync(join(real, name), join(home, name));
const overlay = join(folder, 'overlay');
const environment = {
  ...process.env,
  EBUILD_AUDIT_HOME: home,
  HOME: folder,
  GIT_CONFIG_NOSYSTEM: '1',
  ...Object.fromEntries(
    ['AUTHOR', 'COMMITTER'].flatMap((who) => [
      [`GIT_${who}_NAME`, 'A'],
      [`GIT_${who}_EMAIL`, 'a@example.org'],
    ]),
  ),
};

const git = (...words: string[]) => execFileSync('git', words, { cwd: overlay, env: environment });
const pathOf = (number: number) => `dev-test/ebuild${number}/ebuild${number}-1.ebuild`;

function write(path: string, text: string): void {
  const file = join(overlay, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}

/** @param edition another one is another build */
const textOf = (edition: number) => `EAPI=8
DESCRIPTION="One of many"
HOMEPAGE="https://example.org/"
S="\${WORKDIR}"
LICENSE="MIT"
SLOT="0"
KEYWORDS="~amd64"
DEPEND="sys-libs/zlib"
RDEPEND="\${DEPEND}"
src_compile() {
	echo '#include <zlib.h>
	int main(void) { return ${edition} + (zlibVersion() == 0); }' > main.c || die
	cc -o main main.c -lz || die
}
src_install() { dobin main; }
`;

/** Writes an edition of some of the ebuilds and commits it. */
function commit(from: number, to: number, edition: number): void {
  for (let number = from; number < to; number++) write(pathOf(number), textOf(edition));
  git('add', '--all');
  git('commit', '--quiet', '--message', `edition ${edition}`);
}

/** Runs the command line, and returns its time in seconds and what it printed. */
function run(...words: string[]): { readonly seconds: number; readonly output: string } {
  const began = performance.now();
  const { status, stdout, stderr } = spawnSync(process.execPath, [PROGRAM, ...words], {
    cwd: overlay,
    env: environment,
    encoding: 'utf8',
  });
  if (status === 2) throw new Error(`ebuild-audit ${words.join(' ')} failed:\n${stdout}${stderr}`);
  return { seconds: (performance.now() - began) / 1000, output: stdout };
}

mkdirSync(overlay);
git('init', '--quiet', '--initial-branch=main');
write('profiles/repo_name', 'bench\n');
write('profiles/categories', 'dev-test\n');
write('metadata/layout.conf', 'masters = gentoo\nthin-manifests = true\ncache-formats =\n');
commit(0, CHANGED, 1);
git('tag', 'base');
commit(0, CHANGED, 2);
// Afterwards the base and all changed ebuilds have records, until five are changed once more.
run('review', 'base..');

const [review, trials, again]: number[][] = [[], [], []];
for (let round = 0; round < rounds; round++) {
  commit(0, NEW, 3 + round);
  const first = run('review', 'base..');
  const known = / (\d+) from records/.exec(first.output)?.[1];
  if (Number(known) !== 2 * CHANGED - NEW) throw new Error(`Not the records that are meant: ${first.output}`);
  review?.push(first.seconds);
  again?.push(run('review', 'base..').seconds);
  const files = Array.from({ length: NEW }, (_, number) => pathOf(number));
  trials?.push(run('trial', '--fresh', ...files).seconds);
}

const more = (review ?? []).map((seconds, round) => seconds - (trials?.[round] ?? 0));
const target = (seconds: readonly number[]) =>
  formatTarget({ text: `≤ ${ALLOWED} s`, met: median(seconds) <= ALLOWED });
console.log(
  formatColumns(
    ['what', 's, median (quartiles)', 'wanted'],
    [
      [`${NEW} trials`, printQuartiles(trials ?? [], 2), ''],
      [`review of ${CHANGED} ebuilds, ${NEW} of them new`, printQuartiles(review ?? [], 2), ''],
      ['more than the trials', printQuartiles(more, 2), target(more)],
      ['the same review again', printQuartiles(again ?? [], 2), target(again ?? [])],
    ],
  ),
);
