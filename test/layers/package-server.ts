/** A binhost on loopback that can do wrong, and the index of a package folder as Portage writes it. */
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { privatePackageManager } from '../../server/src/package-manager/home.ts';
import { home } from '../support/world.ts';

const INDEX = `
import os, sys
os.environ["PORTAGE_OVERRIDE_EPREFIX"] = ""
import portage.const
portage.const.GLOBAL_CONFIG_PATH = sys.prefix + "/share/portage/config"
import portage
from portage.emaint.modules.binhost.binhost import BinhostHandler
portage._internal_caller = True
BinhostHandler().fix()
`;

/** Writes Packages and Packages.gz of a package folder, as `emaint --fix binhost` does. @returns the text of Packages */
export function indexPackages(folder: string): string {
  const python = join(privatePackageManager(home, 'portage'), 'bin/python3');
  const { status, stderr } = spawnSync(python, ['-c', INDEX], {
    encoding: 'utf8',
    env: { PATH: process.env.PATH, HOME: folder, PKGDIR: folder },
  });
  if (status !== 0) throw new Error(`Portage cannot index ${folder}: ${stderr}`);
  const text = readFileSync(join(folder, 'Packages'), 'utf8');
  writeFileSync(join(folder, 'Packages.gz'), gzipSync(text));
  return text;
}

/** Answers a request for a path below the binhost. @returns false to serve the file of the folder after all */
export type Behaviour = (path: string, response: ServerResponse, request: IncomingMessage) => boolean;

export interface PackageServer {
  /** Every request, e.g. `/name/Packages.gz`. */
  readonly requests: readonly string[];
  /**
   * Adds a binhost.
   *
   * @param userInfo e.g. `user:password@`
   * @returns its address
   */
  add(name: string, behave?: Behaviour, userInfo?: string): string;
  close(): Promise<void>;
}

/** Serves a package folder under as many names as there are behaviours. */
export async function openPackageServer(folder: string): Promise<PackageServer> {
  const requests: string[] = [];
  const behaviours = new Map<string, Behaviour>();
  const sockets = new Set<Socket>();
  const server = createServer((request, response) => {
    const url = request.url ?? '';
    requests.push(url);
    const [, name = '', path = ''] = /^\/([^/]*)(\/.*)$/.exec(url) ?? [];
    if (behaviours.get(name)?.(path, response, request)) return;
    const file = join(folder, path);
    if (behaviours.has(name) && existsSync(file)) response.end(readFileSync(file));
    else response.writeHead(404).end();
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    requests,
    add(name, behave = () => false, userInfo = '') {
      behaviours.set(name, behave);
      return `http://${userInfo}127.0.0.1:${port}/${name}`;
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
