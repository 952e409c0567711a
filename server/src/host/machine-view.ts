import { existsSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { machineFiles } from '../installed/file-tree.ts';
import { readRootLayout } from '../installed/root-layout.ts';
import { PLAIN_ENVIRONMENT } from '../package-manager/plain-environment.ts';
import type { SandboxLimits, SandboxSpec } from '../sandbox/sandbox.ts';

/** The folders with the programs of this machine and their libraries. */
const PROGRAM_FOLDERS = /^\/(usr|bin|sbin|lib[^/]*)$/;

/** What the loader and the names of programs need of /etc (ld.so(8), update-alternatives(1)); the rest of /etc is nobody's business. */
const OF_ETC = ['/etc/ld.so.cache', '/etc/alternatives'];

/** The folders of PATH in a sandbox that shows this machine's programs. */
const FOLDERS_OF_PATH = ['/usr/bin', '/usr/sbin', '/bin', '/sbin', '/usr/local/bin', '/usr/local/sbin'];

/** A command of this machine's programs, which may be fed with hostile data. */
export interface MachineCommand {
  /** The program is looked up in the usual folders. */
  readonly argv: readonly string[];
  readonly staging: string;
  readonly binds: SandboxSpec['binds'];
  /** Absent: those of the sandbox that runs it. */
  readonly limits?: SandboxLimits;
}

/** Describes a sandbox that shows this machine's programs, what a command names, and nothing else of this machine. */
export async function describeMachineView({
  argv,
  staging,
  binds,
  limits,
}: MachineCommand): Promise<SandboxSpec> {
  const layout = await readRootLayout(machineFiles, '/');
  const folders = layout.folders.filter(({ target }) => PROGRAM_FOLDERS.test(target));
  return {
    overlays: folders.map(({ target, source }) => ({ source: realpathSync(source), target, hidden: [] })),
    binds: [
      ...OF_ETC.filter((path) => existsSync(path)).map((path) => ({
        source: path,
        target: path,
        writable: false,
      })),
      ...binds,
    ],
    links: layout.links.filter(({ path }) => PROGRAM_FOLDERS.test(path)),
    scratch: [],
    staging,
    environment: { ...PLAIN_ENVIRONMENT, HOME: '/tmp', PATH: FOLDERS_OF_PATH.join(':') },
    workingDirectory: '/',
    command: argv,
    asNobody: true,
    trace: false,
    ...(limits !== undefined && { limits }),
  };
}

/** Whether a sandbox of {@link describeMachineView} has a program. */
export function isOnMachine(program: string): boolean {
  return FOLDERS_OF_PATH.some((folder) => existsSync(join(folder, program)));
}
