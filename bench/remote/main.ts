/**
 * `npm run bench:remote [-- --rounds N]`: measures trials on a real server (buildbox-casd) on this machine: what is sent, what a remote trial takes
 * beside a local one, and how many there are in an hour. It needs the results of `npm run set-up -- --editor` and `npm run build`.
 * docs/remote.md has its figures.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { buildNativeHelper } from '../../scripts/native-helper.ts';
import {
  missingServer,
  PROPERTIES,
  type RunningServer,
  startRemoteServer,
} from '../../scripts/remote-server/remote-server.ts';
import { findSandbox } from '../../server/src/host/find-world.ts';
import { parseRemoteAddress } from '../../server/src/remote/api/remote-address.ts';
import { openRemoteTrials, type RemoteTrials } from '../../server/src/remote/client/remote-trials.ts';
import { RECORD } from '../../server/src/sharing/record-shape.ts';
import { matchShape } from '../../server/src/sharing/shape.ts';
import { formatTable, interleave, median, type Row } from '../table.ts';
import { copyExamples, createRunner, inSeconds, runTrial } from '../trial/example-trials.ts';
import { type BenchFolder, openBenchFolder } from '../trial/state-folder.ts';

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '5' } } });
const rounds = Number(values.rounds);
if (missingServer !== undefined || !Number.isInteger(rounds) || rounds < 1) {
  console.error(missingServer ?? 'Usage: npm run bench:remote -- [--rounds N]');
  process.exit(2);
}

/** The examples that need no fix, the shortest and the longest. */
const EXAMPLES = ['media-gfx/pngcrush/pngcrush-1.8.13', 'app-arch/advancecomp/advancecomp-2.1'];
const MOST_OVERHEAD = 1.15;
/** Small ebuilds, each another one. */
const HUNDRED = 100;
/** How many of them are timed with each number of workers. */
const TIMED = 20;
const HOUR = 3_600_000;

// A worker has its own /tmp, so nothing that travels may be there.
process.env.TMPDIR = '/var/tmp';
process.umask(0o022);
const folder = openBenchFolder();
process.on('exit', () => folder.remove());
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(1));
try {
  await buildNativeHelper('out/bench');
  folder.newStateFolder();
  console.log(formatTable([...(await measureOverhead(folder)), ...(await measureMany(folder))]));
} catch (error) {
  console.error(`bench:remote: ${(error as Error).message}`);
  process.exitCode = 1;
}

/** What a trial on a server sends, in the order of its actions. */
interface Client extends RemoteTrials {
  readonly sent: { readonly blobs: number; readonly bytes: number }[];
}

function connect(server: RunningServer): Client {
  const sent: Client['sent'] = [];
  const trials = openRemoteTrials({
    server: { address: parseRemoteAddress(server.address), access: {}, properties: PROPERTIES },
    settings: { buildJobs: 0 },
    programs: { node: process.execPath, bwrap: '/usr/bin/bwrap', product: resolve('dist') },
    findHelper: async () => (await findSandbox('')).helper,
    readRecord: (value) => matchShape(RECORD, value),
    onSent: (some) => void sent.push(some),
  });
  return { ...trials, sent };
}

async function measureOverhead(bench: BenchFolder): Promise<readonly Row[]> {
  const server = await startRemoteServer();
  const client = connect(server);
  try {
    const [here, there] = [await createRunner(), await createRunner(client.place)];
    const overlay = copyExamples(bench);
    const rows: Row[] = [];
    for (const name of EXAMPLES)
      for (const quick of [true, false]) {
        console.error(`${name}, ${quick ? 'quick' : 'full'} …`);
        const file = join(overlay, `${name}.ebuild`);
        const text = readFileSync(file, 'utf8');
        const how = { quick, fresh: true };
        // The server has everything then.
        await runTrial(there, file, text, how);
        const [local = [], remote = []] = await interleave(rounds, [
          () => runTrial(here, file, text, how),
          () => runTrial(there, file, text, how),
        ]);
        const ratio = median(remote.map((time, round) => time / (local[round] ?? Number.NaN)));
        rows.push({
          what: `${name}, ${quick ? 'quick' : 'full'}: remote trial`,
          figure: inSeconds(remote),
          compared: { with: 'the local trial', ratio },
          target: { text: `≤ ${MOST_OVERHEAD}`, met: ratio <= MOST_OVERHEAD },
        });
      }
    return rows;
  } finally {
    client.close();
    await server.close();
  }
}

/** Many small trials from the beginning: what each sends, and how many there are in an hour. */
async function measureMany(bench: BenchFolder): Promise<readonly Row[]> {
  const files = writeMany(join(bench.path, 'many'));
  const rows: Row[] = [];
  let done = 0;
  for (const workers of [1, 2]) {
    console.error(`${TIMED} trials on ${workers} ${workers === 1 ? 'worker' : 'workers'} …`);
    const server = await startRemoteServer({ workers });
    const client = connect(server);
    try {
      const runner = await createRunner(client.place);
      const run = (file: string) => runTrial(runner, file, readFileSync(file, 'utf8'), { quick: true });
      const next = () => files[done++] ?? '';
      await run(next());
      await run(next());
      const began = performance.now();
      const last = done + TIMED;
      // One more than there are workers, so that none waits for this machine.
      await Promise.all(
        Array.from({ length: workers + 1 }, async () => {
          while (done < last) await run(next());
        }),
      );
      const rate = (TIMED / (performance.now() - began)) * HOUR;
      rows.push({
        what: `small trials in an hour on ${workers} ${workers === 1 ? 'worker' : 'workers'}`,
        figure: rate.toFixed(0),
      });
      if (workers === 1) continue;
      while (client.sent.length < HUNDRED) await run(next());
      for (const number of [1, 2, HUNDRED]) {
        const { blobs = 0, bytes = 0 } = client.sent[number - 1] ?? {};
        rows.push({
          what: `sent for trial ${number} of a server`,
          figure: `${formatBytes(bytes)} in ${blobs} files and folders`,
        });
      }
    } finally {
      client.close();
      await server.close();
    }
  }
  return rows;
}

function writeMany(repository: string): readonly string[] {
  const write = (path: string, text: string) => {
    const file = join(repository, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    return file;
  };
  write('profiles/repo_name', 'many\n');
  write('profiles/categories', 'dev-test\n');
  write('metadata/layout.conf', 'masters =\nthin-manifests = true\n');
  return Array.from({ length: HUNDRED + 2 * TIMED }, (_, number) =>
    write(
      `dev-test/small${number}/small${number}-1.ebuild`,
      `EAPI=8
DESCRIPTION="Number ${number}"
HOMEPAGE="https://example.org/"
S="\${WORKDIR}"
LICENSE="MIT"
SLOT="0"
KEYWORDS="~amd64"
src_compile() { einfo ${number}; }
src_install() { echo ${number} > number; insinto /usr/share/small; doins number; }
`,
    ),
  );
}

function formatBytes(bytes: number): string {
  return bytes < 10_000
    ? `${bytes} bytes`
    : bytes < 10_000_000
      ? `${(bytes / 1000).toFixed(0)} kB`
      : `${(bytes / 1e6).toFixed(0)} MB`;
}
