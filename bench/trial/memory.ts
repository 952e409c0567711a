import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import {
  createProtocolConnection,
  InitializedNotification,
  InitializeRequest,
  StreamMessageReader,
  StreamMessageWriter,
} from 'vscode-languageserver-protocol/node';
import { bundleServer, copyWasm } from '../../scripts/bundle.ts';
import { RUN_TRIAL, type RunTrialResult } from '../../server/src/protocol.ts';
import type { Row } from '../table.ts';
import type { BenchFolder } from './state-folder.ts';

const MOST_MEBIBYTES = 64;
const SAMPLE_MS = 50;

/** Every look-up has another path, so that none can be skipped as a repetition. */
const MILLION = `EAPI=8
DESCRIPTION="Makes a million accesses"
HOMEPAGE="https://example.org/"
LICENSE="MIT"
SLOT="0"
KEYWORDS="~amd64 ~arm64"
S="\${WORKDIR}"

src_compile() {
	local i
	for (( i = 0; i < 1000000; i++ )); do
		[[ -e /usr/include/header-\${i}.h ]]
	done
	true
}
`;

/** An ebuild that does nothing, to separate the server from the cost of a trial. */
const NOTHING = `${MILLION.slice(0, MILLION.indexOf('\nsrc_compile'))}\n`;

/** The peak memory of the language server's process and of the helper, in trials that the server runs. */
export async function measureMemory(folder: BenchFolder): Promise<readonly Row[]> {
  const dist = resolve('out/bench');
  await Promise.all([bundleServer(dist, { development: false }), copyWasm(dist)]);
  const rows: Row[] = [];
  for (const [what, name, text] of [
    ['a trial of an ebuild that does nothing', 'nothing', NOTHING],
    ['a trial with a million accesses', 'million', MILLION],
  ] as const) {
    console.error(`memory of ${what} …`);
    const { server, helper, seconds } = await runInServer(dist, folder, writeEbuild(folder, name, text));
    rows.push(
      {
        what: `most memory of the helper, ${what}`,
        figure: `${helper.toFixed(1)} MiB`,
        target: { text: `≤ ${MOST_MEBIBYTES} MiB`, met: helper <= MOST_MEBIBYTES },
      },
      {
        what: `most memory of the language server, ${what}`,
        figure: `${server.toFixed(0)} MiB (${seconds.toFixed(1)} s)`,
      },
    );
  }
  return rows;
}

function writeEbuild(folder: BenchFolder, name: string, text: string): string {
  const repository = join(folder.path, 'memory');
  const file = join(repository, `dev-test/${name}/${name}-1.ebuild`);
  const files = {
    [join(repository, 'profiles/repo_name')]: 'memory\n',
    [join(repository, 'profiles/categories')]: 'dev-test\n',
    [join(repository, 'metadata/layout.conf')]: 'masters = gentoo\nthin-manifests = true\ncache-formats =\n',
    [file]: text,
  };
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
  }
  return file;
}

interface Memory {
  /** Mebibytes. */
  readonly server: number;
  readonly helper: number;
  readonly seconds: number;
}

async function runInServer(dist: string, folder: BenchFolder, file: string): Promise<Memory> {
  folder.newStateFolder();
  const child = spawn(process.execPath, [join(dist, 'server/main.mjs'), '--stdio'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const connection = createProtocolConnection(
    new StreamMessageReader(child.stdout),
    new StreamMessageWriter(child.stdin),
  );
  try {
    connection.listen();
    const root = pathToFileURL(folder.path).href;
    await connection.sendRequest(InitializeRequest.type, {
      processId: process.pid,
      rootUri: root,
      capabilities: {},
      initializationOptions: { trusted: true },
    });
    await connection.sendNotification(InitializedNotification.type, {});
    const began = performance.now();
    let helper = 0;
    let done = false;
    const trial = connection
      .sendRequest<RunTrialResult>(RUN_TRIAL, { uri: pathToFileURL(file).href })
      .finally(() => {
        done = true;
      });
    while (!done) {
      helper = Math.max(helper, helperMemory(child));
      await Promise.race([trial, sleep(SAMPLE_MS)]);
    }
    const { outcome, message } = await trial;
    if (outcome !== 'clean') throw new Error(`The trial of ${file} ended with ${outcome}: ${message}`);
    const server = readMemory(child.pid ?? 0);
    return { server, helper, seconds: (performance.now() - began) / 1000 };
  } finally {
    connection.dispose();
    child.kill();
  }
}

/** The total peak memory of the helper's processes outside the sandbox; 0 if none runs. */
function helperMemory(server: ChildProcess): number {
  let sum = 0;
  const visit = (pid: number) => {
    if (programOf(pid) === 'ebuild-audit-native') sum += readMemory(pid);
    else if (pid !== server.pid) return;
    for (const one of childrenOf(pid)) visit(one);
  };
  visit(server.pid ?? 0);
  return sum;
}

function programOf(pid: number): string {
  try {
    return readlinkSync(`/proc/${pid}/exe`).split('/').at(-1) ?? '';
  } catch {
    return '';
  }
}

function childrenOf(pid: number): number[] {
  try {
    return readdirSync(`/proc/${pid}/task`).flatMap((task) =>
      readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8')
        .trim()
        .split(' ')
        .map(Number)
        .filter(Boolean),
    );
  } catch {
    return [];
  }
}

/** VmHWM of proc(5) in mebibytes, the peak memory of a process. 0 if it has ended. */
function readMemory(pid: number): number {
  try {
    return Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024;
  } catch {
    return 0;
  }
}
