/** Trials of the built command line on the workers of a real server. */
import { chmodSync, readdirSync, readFileSync, realpathSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import {
  missingServer,
  type RunningServer,
  startRemoteServer,
} from '../../../scripts/remote-server/remote-server.ts';
import { tinyEbuild } from '../../failures/tiny-ebuild.ts';
import { startPlainWorker } from '../../support/plain-worker.ts';
import { processesWith, waitUntilGone } from '../../support/processes.ts';
import { missingForTrials, openProduct, type Product, type Run } from '../../support/product.ts';
import { requireOrSkip } from '../../support/requirement.ts';
import { copySmallRoot } from '../../support/small-root.ts';
import { mostly } from '../../support/user.ts';
import { root as practiceRoot } from '../../support/world.ts';

const missing = missingForTrials ?? missingServer;
const can = requireOrSkip(missing);
/** In milliseconds. */
const TIMEOUT = 120_000;
const [as = 'user'] = mostly('root');
const MANY = Array.from({ length: 20 }, (_, number) => `many${number}`);
/** A worker has its own /tmp, so nothing that travels may be there. */
const PARENT = '/var/tmp';

let product: Product;
let server: RunningServer;
let repository: string;
let root: string;
beforeAll(async () => {
  if (missing !== undefined) return;
  product = await openProduct(PARENT);
  server = await startRemoteServer();
  // A worker of buildbox copies everything that travels, for each trial.
  root = join(product.folder, 'root');
  copySmallRoot(realpathSync(practiceRoot), root);
  repository = product.repository(
    'remote',
    {
      'dev-test/right/right-1.ebuild': tinyEbuild('src_compile() { einfo "built on a worker"; }'),
      'dev-test/wrong/wrong-1.ebuild': tinyEbuild(`src_compile() {
	printf '#include <zlib.h>\\nint main(void) { return zlibVersion() == 0; }\\n' > main.c || die
	gcc main.c -lz || die
}`),
      'dev-test/slow/slow-1.ebuild': tinyEbuild('src_compile() { sleep 300; }'),
      'dev-test/probing/probing-1.ebuild': tinyEbuild(`src_compile() {
	[[ -e /usr/include/zlib.h ]] && echo found > result
	:
}
src_install() { [[ -e result ]] && dodoc result; : ; }`),
      'dev-test/hostile/hostile-1.ebuild': tinyEbuild(`src_compile() {
	local place seen= written=
	for place in /.ebuild-audit /.ebuild-audit/order.json /.ebuild-audit/answer.json.gz "\${EBUILD_AUDIT_HOME}"; do
		[[ -n \${place} && -e \${place} ]] && seen+=" \${place}"
	done
	for place in /.ebuild-audit/answer.json.gz /usr/bin/node ${product.program} /etc/passwd; do
		(echo '{"kind":"refused","sentence":"lies"}' > "\${place}") 2>/dev/null && written+=" \${place}"
	done
	echo "seen:\${seen:- none}"
	echo "written:\${written:- none}"
}`),
      ...Object.fromEntries(
        MANY.map((name) => [
          `dev-test/${name}/${name}-1.ebuild`,
          // Without phases of its own it is built in one run.
          `EAPI=8\nDESCRIPTION="This is ${name}"\nHOMEPAGE="https://example.org/"\nLICENSE="MIT"\nSLOT="0"\nKEYWORDS="~amd64"\nS="\${WORKDIR}"\n`,
        ]),
      ),
      'dev-test/provider/provider-1.ebuild': tinyEbuild(
        'src_install() { echo "#define PROVIDED 1" > provided.h; doheader provided.h; }',
      ),
      'dev-test/user/user-1.ebuild': tinyEbuild(
        'src_compile() { grep PROVIDED /usr/include/provided.h || die "it is not there"; }',
        { head: 'DEPEND="dev-test/provider"' },
      ),
    },
    ['dev-test/provider'],
  );
}, TIMEOUT);
afterAll(async () => {
  await server?.close();
  await product?.remove();
});

const fileOf = (name: string) => join(repository, `dev-test/${name}/${name}-1.ebuild`);
const trial = (name: string, ...more: string[]) =>
  product.run(as, ['trial', fileOf(name), '--root', root, ...more]);
const remote = (name: string, ...more: string[]) => trial(name, ...server.flags, ...more);

/** A report without what differs between two trials of the same thing. */
const read = ({ stdout }: Run) => {
  const { log, storedAt, ...report } = JSON.parse(stdout);
  return { ...report, hasLog: log !== '' && statSync(log).size > 0 };
};

describe('a remote trial', () => {
  can(
    'of a right ebuild is clean, its log is here, and its record answers here as if the trial had been run here',
    async () => {
      const first = await remote('right');
      expect([first.status, first.complaints]).toEqual([0, []]);
      expect(first.stdout).toContain('clean: The build used only declared packages.');
      const log = /Build log: (.+)/.exec(first.stdout)?.[1] ?? '';
      expect(readFileSync(log, 'utf8')).toContain('built on a worker');
      expect(product.trials(as)).toEqual([]);

      const here = await trial('right');
      expect([here.status, here.stderr]).toEqual([0, '']);
      expect(here.stdout).toContain('(Result of the trial');

      writeFileSync(fileOf('right'), tinyEbuild('src_compile() { einfo "changed"; }'));
      expect((await remote('right')).stderr).toContain('trial: sending');
    },
    TIMEOUT,
  );

  can(
    'of wrong ebuilds has the findings of a trial here, to the byte, and their fixes',
    async () => {
      for (const name of ['wrong', 'probing']) {
        const there = await remote(name, '--format', 'json', '--fresh');
        const here = await trial(name, '--format', 'json', '--fresh');
        expect(there.complaints).toEqual([]);
        expect(read(there)).toEqual(read(here));
      }
      const fixed = await remote('wrong', '--fix', '--verify');
      expect([fixed.status, fixed.complaints]).toEqual([0, []]);
      expect(readFileSync(fileOf('wrong'), 'utf8')).toContain('DEPEND="sys-libs/zlib"');
    },
    2 * TIMEOUT,
  );

  can(
    'has the same findings on a worker that does not enter the input root, of a server that refuses absolute links',
    async () => {
      const plain = await startPlainWorker(PARENT);
      try {
        const there = await trial('probing', ...plain.flags, '--format', 'json', '--fresh');
        const here = await trial('probing', '--format', 'json', '--fresh');
        expect(there.complaints).toEqual([]);
        const { gaps, ...found } = read(there);
        expect(gaps).toEqual([
          expect.stringMatching(
            /^\d+ links had relative targets on the worker, because its server refuses absolute ones$/,
          ),
        ]);
        expect({ ...found, gaps: [] }).toEqual(read(here));
        expect(plain.actions()).toEqual([]);
      } finally {
        await plain.close();
      }
    },
    TIMEOUT,
  );

  can(
    'of an ebuild that needs a binary package has it on the worker',
    async () => {
      const packages = join(product.folder, 'packages');
      const written = await trial('provider', `--buildpkg=${packages}`, '--quick');
      expect([written.status, written.complaints]).toEqual([0, []]);
      const there = await remote('user', '--pkgdir', packages, '--quick');
      expect([there.status, there.complaints]).toEqual([0, []]);
      expect(there.stdout).toContain('clean');
      expect(there.stderr).toContain('trial: remote');
      // The record rests on the layer, as one that was made here.
      const here = await trial('user', '--pkgdir', packages, '--quick');
      expect([here.status, here.stderr]).toEqual([0, '']);
      const without = await remote('user', '--quick', '--fresh');
      expect([without.status, without.stdout]).toEqual([1, expect.stringContaining('[not-installed]')]);
    },
    TIMEOUT,
  );

  can(
    'is cancelled there too, and leaves nothing on either side',
    async () => {
      const running = product.start(as, ['trial', fileOf('slow'), '--root', root, ...server.flags]);
      await running.said('trial: remote');
      await waitForProcess('sleep\x00300');
      running.child.kill('SIGINT');
      const { status, complaints } = await running.done;
      expect([status, complaints]).toEqual([
        2,
        ['ebuild-audit: The trial was cancelled; only its build log was kept.'],
      ]);
      expect(await waitUntilGone('sleep\x00300', 20_000)).toEqual([]);
      expect(product.trials(as)).toEqual([]);
    },
    TIMEOUT,
  );

  can(
    'goes on with a server that comes back, and ends with one sentence if it does not',
    async () => {
      const running = product.start(as, [
        'trial',
        fileOf('right'),
        '--root',
        root,
        ...server.flags,
        '--fresh',
      ]);
      await running.said('trial: remote');
      await server.kill();
      await server.restart();
      expect((await running.done).status).toBe(0);

      await server.kill();
      const { status, complaints } = await remote('right', '--fresh');
      await server.restart();
      expect(status).toBe(2);
      expect(complaints).toEqual([
        expect.stringMatching(
          /^ebuild-audit: The trial could not be run remotely: grpc:\S+ cannot be reached/,
        ),
      ]);
    },
    TIMEOUT,
  );

  can(
    'sends again what the server has lost',
    async () => {
      const blobs = readdirSync(server.blobs, { recursive: true, withFileTypes: true });
      for (const blob of blobs) if (blob.isFile()) rmSync(join(blob.parentPath, blob.name));
      const { status, complaints } = await remote('right', '--fresh');
      expect([status, complaints]).toEqual([0, []]);
    },
    TIMEOUT,
  );

  can(
    'is run again if the bytes of the result that the server has kept are others now',
    async () => {
      expect((await remote('right', '--fresh')).status).toBe(0);
      expect(spoilAnswers()).toBeGreaterThan(0);
      rmSync(join(product.home(as), 'records'), { recursive: true });
      const { status, stdout, complaints } = await remote('right');
      expect([status, complaints]).toEqual([0, []]);
      expect(stdout).toContain('clean: The build used only declared packages.');
    },
    TIMEOUT,
  );

  can(
    'says what a worker lacks that makes no user namespaces',
    async () => {
      const { status, complaints } = await trial('right', '--remote', server.address, '--fresh');
      expect(status).toBe(2);
      expect(complaints).toEqual([
        expect.stringMatching(/^ebuild-audit: On a worker of grpc:\S+: .*user namespaces.*\.$/),
      ]);
    },
    TIMEOUT,
  );

  can(
    'of a hostile ebuild is its own answer, and not what the ebuild would have answered',
    async () => {
      const before = server.leftByWorkers();
      const { status, stdout, complaints } = await remote('hostile', '--quick');
      expect([status, complaints]).toEqual([0, []]);
      expect(stdout).toContain('clean: The build used only declared packages.');
      const log = readFileSync(/Build log: (.+)/.exec(stdout)?.[1] ?? '', 'utf8');
      expect(log).toContain('seen: none');
      expect(log).toContain('written: none');
      // The worker is as it was.
      expect((await remote('right', '--fresh')).status).toBe(0);
      // It removes the input root after the answer.
      const left = () => server.leftByWorkers().filter((name) => !before.includes(name));
      await expect.poll(left, { timeout: 20_000 }).toEqual([]);
    },
    TIMEOUT,
  );

  can(
    'is run once for each of many ebuilds, on two workers',
    async () => {
      const files = MANY.map(fileOf);
      const words = ['--root', root, ...server.flags, '--quick', '--jobs', '3', '--format', 'json'];
      const { status, stdout, complaints } = await product.run(as, ['trial', ...files, ...words]);
      expect([status, complaints]).toEqual([0, []]);
      const reports = JSON.parse(stdout) as readonly { readonly package: string; readonly outcome: string }[];
      expect(reports.map((report) => report.outcome)).toEqual(MANY.map(() => 'passed'));
      expect(new Set(reports.map((report) => report.package)).size).toBe(MANY.length);
    },
    2 * TIMEOUT,
  );

  can(
    'ends with one sentence if the server has no room',
    async () => {
      const small = await startRemoteServer({ quota: 50_000_000 });
      try {
        const { status, complaints } = await trial('right', ...small.flags, '--fresh');
        expect(status).toBe(2);
        expect(complaints).toEqual([
          expect.stringMatching(/^ebuild-audit: The trial could not be run remotely: grpc:\S+ .*\.$/),
        ]);
      } finally {
        await small.close();
      }
    },
    TIMEOUT,
  );
});

/** Changes all answers in the storage of the server. @returns how many there were */
function spoilAnswers(): number {
  const files = readdirSync(server.blobs, { recursive: true, withFileTypes: true })
    .filter((blob) => blob.isFile())
    .map((blob) => join(blob.parentPath, blob.name))
    .filter(isAnswer);
  for (const file of files) {
    chmodSync(file, 0o644);
    writeFileSync(file, Buffer.alloc(statSync(file).size, 'x'));
  }
  return files.length;
}

function isAnswer(file: string): boolean {
  const bytes = readFileSync(file);
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return false;
  return gunzipSync(bytes).toString('utf8').startsWith('{"kind":"done"');
}

/** Waits until some process has words, separated by NUL, in its command line. */
async function waitForProcess(words: string): Promise<void> {
  for (;;) {
    if (processesWith(words).length > 0) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
