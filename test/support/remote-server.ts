/** buildbox-casd, a whole server of the Remote Execution API, which the set-up of the tests downloads. */
import { type ChildProcess, spawn } from 'node:child_process';
import { chownSync, existsSync, mkdirSync, mkdtempSync, readdirSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { remoteEngine } from '../../scripts/set-up/remote-engine.ts';
import { removeTree } from '../../server/src/files/remove-tree.ts';
import { isRoot, NOBODY } from './user.ts';
import { home } from './world.ts';

const engine = remoteEngine(home);

/** The part of the machine that remote trials need and that is missing, for `requireOrSkip`. */
export const missingForRemote: string | undefined = existsSync(join(engine, 'buildbox-casd'))
  ? undefined
  : 'there is no buildbox-casd: run "npm run set-up -- --editor" (x86-64 only)';

/**
 * A worker of buildbox runs actions as root of a user namespace unless they ask for another user, and root of a namespace may make no further one
 * (user_namespaces(7)).
 */
export const PROPERTIES = ['--remote-property', 'unixUID=1000', '--remote-property', 'unixGID=1000'];

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
    flags: ['--remote', `grpc://127.0.0.1:${port}`, ...PROPERTIES],
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
