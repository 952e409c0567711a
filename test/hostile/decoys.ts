/** Targets for attacks: things outside the sandbox that are as good as the real ones, but belong to the test. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isRoot, NOBODY } from '../support/user.ts';

/** Facts about the host by subject; the observations before and after are compared. */
export type Facts = Record<string, string>;

export interface Decoys {
  /** The places of the targets, as environment variables for the attack. */
  readonly variables: Readonly<Record<string, string>>;
  /** The listeners that have been reached, in order. */
  readonly reached: string[];
  observe(): Facts;
  close(): Promise<void>;
}

/**
 * Compiles a program of programs/ into a folder. It is static, because the sandbox may have another root's libraries.
 */
export function compileProgram(name: string, folder: string, flags: readonly string[] = []): string {
  const source = fileURLToPath(new URL(`programs/${name}.c`, import.meta.url));
  const program = join(folder, name);
  execFileSync('cc', ['-static', '-pthread', '-w', ...flags, '-o', program, source]);
  chmodSync(program, 0o755);
  return program;
}

/** Words that run a command as the unprivileged user of root's builds; an ordinary user runs it as itself. */
export const unprivileged: readonly string[] = isRoot
  ? ['setpriv', `--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups', '--']
  : [];

/**
 * Makes decoys that an unprivileged process outside any sandbox can reach: a folder and files that everybody may
 * write, a home with keys that everybody may read, listeners of every kind, and a process that can be traced.
 */
export async function openDecoys(): Promise<Decoys> {
  const folder = mkdtempSync(join(tmpdir(), 'ebuild-audit-decoys-'));
  chmodSync(folder, 0o755);
  const mark = `hostile-${randomBytes(6).toString('hex')}`;
  const secret = `secret-of-${mark}`;
  makeFiles(folder, secret);

  const reached: string[] = [];
  const sockets = new Set<Socket>();
  const servers: Server[] = [];
  const listen = async (name: string, ...where: [number, string] | [string]) => {
    const server = createServer((socket) => {
      sockets.add(socket);
      reached.push(name);
      socket.on('error', () => {}).on('data', () => socket.end('reached'));
    });
    if (where.length === 2) server.listen(where[0], where[1]);
    else server.listen(where[0]);
    await once(server, 'listening');
    servers.push(server);
    return (server.address() as AddressInfo).port;
  };
  const port = await listen('tcp', 0, '127.0.0.1');
  // A machine without IPv6 cannot be reached by it.
  const port6 = await listen('tcp6', 0, '::1').catch(() => 0);
  await listen('abstract', `\0${mark}`);
  const path = join(folder, 'open/socket');
  await listen('path-socket', path);
  chmodSync(path, 0o777);
  const datagrams = createSocket('udp4', (_, from) => {
    reached.push('udp');
    datagrams.send('reached', from.port, from.address);
  });
  datagrams.bind(0, '127.0.0.1');
  await once(datagrams, 'listening');

  const program = compileProgram('decoy', folder);
  const shm = `0x${randomBytes(3).toString('hex')}01`;
  const [word = '', ...words] = [...unprivileged, program, secret, shm];
  const process = spawn(word, words, { stdio: ['pipe', 'pipe', 'inherit'] });
  const [pid = '', address = ''] = (await firstLine(process)).split(' ');

  return {
    variables: {
      HOSTILE_MARK: mark,
      HOSTILE_FOLDER: join(folder, 'open'),
      HOSTILE_HOME: join(folder, 'home'),
      HOSTILE_SECRET: secret,
      HOSTILE_PORT: `${port}`,
      HOSTILE_PORT6: `${port6}`,
      HOSTILE_UDP: `${datagrams.address().port}`,
      HOSTILE_SOCKET: path,
      HOSTILE_PID: pid,
      HOSTILE_ADDRESS: address,
      HOSTILE_SHM: shm,
    },
    reached,
    observe: () => ({
      ...observeTree(folder),
      ...observeProcess(pid),
      reached: reached.join(' '),
      segment: readFileSync('/proc/sysvipc/shm', 'utf8')
        .split('\n')
        .filter((line) => Number(line.trim().split(/\s+/)[0]) === Number(shm) && shm !== '')
        .join('\n'),
    }),
    async close() {
      for (const socket of sockets) socket.destroy();
      for (const server of servers) server.close();
      datagrams.close();
      if (process.exitCode === null && process.signalCode === null) {
        const ended = once(process, 'exit');
        process.stdin?.end();
        process.kill('SIGCONT');
        await ended;
      }
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function makeFiles(folder: string, secret: string): void {
  const files = {
    'open/file': 'untouched\n',
    'open/inner/file': 'untouched\n',
    'home/.ssh/id_ed25519': `${secret}\n`,
    'home/.netrc': `machine example.org password ${secret}\n`,
    'home/.config/gh/hosts.yml': `oauth_token: ${secret}\n`,
    // Files that a reader of the image would report.
    'open/usr/bin/decoy-script': '#!/usr/bin/perl\n',
  };
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(folder, path, '..'), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  symlinkSync('file', join(folder, 'open/link'));
  chmodSync(join(folder, 'open/usr/bin/decoy-script'), 0o755);
  for (const path of ['open', 'open/inner']) chmodSync(join(folder, path), 0o777);
  for (const path of ['open/file', 'open/inner/file']) chmodSync(join(folder, path), 0o666);
}

async function firstLine(child: ChildProcess): Promise<string> {
  const [chunk] = (await once(child.stdout as NodeJS.ReadableStream, 'data')) as [Buffer];
  return chunk.toString('utf8').trim();
}

function observeProcess(pid: string): Facts {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { [`process ${pid}`]: `state ${fields[0]}, started ${fields[19]}` };
  } catch {
    return { [`process ${pid}`]: 'gone' };
  }
}

/**
 * Every file below a folder with everything that a change would affect: its inode, mode, owner, links, size, times
 * and content.
 */
export function observeTree(folder: string): Facts {
  const facts: Facts = {};
  const visit = (path: string) => {
    const stat = lstatSync(path, { bigint: true });
    const content = stat.isFile()
      ? readFileSync(path).toString('latin1').slice(0, 200)
      : stat.isSymbolicLink()
        ? readlinkSync(path)
        : '';
    const { ino, mode, uid, gid, nlink, size, mtimeNs, ctimeNs } = stat;
    facts[path] = [ino, mode.toString(8), uid, gid, nlink, size, mtimeNs, ctimeNs, content].join(' ');
    if (stat.isDirectory()) for (const name of readdirSync(path).sort()) visit(join(path, name));
  };
  visit(folder);
  return facts;
}
