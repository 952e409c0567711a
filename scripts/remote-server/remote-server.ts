/** buildbox-casd, a whole server of the Remote Execution API, for tests and benchmarks. */
import { type ChildProcess, spawn } from 'node:child_process';
import { chownSync, existsSync, mkdirSync, mkdtempSync, readdirSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { removeTree } from '../../server/src/files/remove-tree.ts';
import { stateFolder } from '../../server/src/package-manager/home.ts';
import { remoteEngine } from '../set-up/remote-engine.ts';

const engine = remoteEngine(stateFolder(process.env, process.geteuid?.() ?? 0));
const isRoot = process.geteuid?.() === 0;
/** The kernel's overflow user. The sandbox of a server of root's could make no /proc (user_namespaces(7), "mount"). */
const NOBODY = 65534;

/** A sentence if there is no server on this machine. */
export const missingServer: string | undefined = existsSync(join(engine, 'buildbox-casd'))
  ? undefined
  : 'there is no buildbox-casd: run "npm run set-up -- --editor" (x86-64 only)';

/**
 * A worker of buildbox runs actions as root of a user namespace unless they ask for another user, and root of a namespace may make no further one
 * (user_namespaces(7)).
 */
export const PROPERTIES: Readonly<Record<string, string>> = { unixUID: '1000', unixGID: '1000' };

const MEMORY = '/dev/shm';

export interface RemoteServerOptions {
  readonly workers?: number;
  /** In bytes, of everything that it stores. */
  readonly quota?: number;
}

export interface RunningServer {
  /** The options of a trial on it. */
  readonly flags: readonly string[];
  readonly address: string;
  /** The folder with the stored blobs. */
  readonly blobs: string;
  /** What its workers have not removed. */
  leftByWorkers(): readonly string[];
  /** Kills it and its workers at once. */
  kill(): Promise<void>;
  /** Starts it again on the same port and storage. */
  restart(): Promise<void>;
  /** Kills it and removes what it stores. */
  close(): Promise<void>;
}

export async function startRemoteServer({
  workers = 2,
  quota,
}: RemoteServerOptions = {}): Promise<RunningServer> {
  // It copies all that an action sees, which takes several times as long on a disk.
  const folder = mkdtempSync(join(existsSync(MEMORY) ? MEMORY : '/var/tmp', 'ebuild-audit-server-'));
  const storage = join(folder, 'storage');
  mkdirSync(storage);
  if (isRoot) for (const path of [folder, storage]) chownSync(path, NOBODY, NOBODY);
  const port = await findPort();
  let child: ChildProcess | undefined;
  const start = async () => {
    const drop = ['setpriv', `--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups', '--'];
    const [program = '', ...words] = [
      ...(isRoot ? drop : []),
      join(engine, 'buildbox-casd'),
      `--buildbox-run=${join(engine, 'buildbox-run')}`,
      `--jobs=${workers}`,
      `--bind=127.0.0.1:${port}`,
      ...(quota === undefined ? [] : [`--quota-high=${quota}`, '--reserved=0']),
      storage,
    ];
    child = spawn(program, words, {
      cwd: folder,
      env: { PATH: '/usr/bin:/bin', HOME: folder },
      stdio: 'ignore',
      detached: true,
    });
    await waitForPort(port);
  };
  const kill = async () => {
    const running = child;
    child = undefined;
    if (running?.pid === undefined || running.exitCode !== null) return;
    const ended = new Promise((resolve) => running.once('close', resolve));
    process.kill(-running.pid, 'SIGKILL');
    await ended;
  };
  await start();
  const staging = join(storage, 'cas/staging');
  return {
    address: `grpc://127.0.0.1:${port}`,
    flags: [
      ...['--remote', `grpc://127.0.0.1:${port}`],
      ...Object.entries(PROPERTIES).flatMap(([name, value]) => ['--remote-property', `${name}=${value}`]),
    ],
    blobs: join(storage, 'cas/objects'),
    leftByWorkers: () => (existsSync(staging) ? readdirSync(staging) : []),
    kill,
    restart: start,
    async close() {
      await kill();
      await removeTree(folder);
    },
  };
}

async function findPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function waitForPort(port: number): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    const isOpen = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1');
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
      socket.once('close', () => socket.destroy());
      socket.once('connect', () => socket.destroy());
    });
    if (isOpen) return;
    await sleep(50);
  }
  throw new Error('buildbox-casd does not answer');
}
