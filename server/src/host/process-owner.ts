import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** The identity of a process. A pid is reused, but not together with its start time (proc_pid_stat(5)). */
export interface Owner {
  readonly pid: number;
  /** In clock ticks since boot. */
  readonly start: string;
  /** The PID namespace of `pid` (pid_namespaces(7)). */
  readonly namespace: string;
  /** The first eight digits of `/proc/sys/kernel/random/boot_id`, which changes with each boot. */
  readonly boot: string;
}

const OWNER = /\.(\d+)\.(\d+)\.(\d+)\.([0-9a-f]{8})\.[A-Za-z0-9]{6}$/;

/** This process. */
export function findOwner(): Owner {
  return {
    pid: process.pid,
    start: readStat(process.pid)?.start ?? '0',
    namespace: /\d+/.exec(readlinkSync('/proc/self/ns/pid'))?.[0] ?? '0',
    boot: readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').slice(0, 8),
  };
}

/**
 * Makes the beginning of the name of a trial folder; six characters that make it unique must follow. The owner is in the name, so the
 * folder never exists without one.
 */
export function nameForOwner(name: string, { pid, start, namespace, boot }: Owner): string {
  return `${name}.${pid}.${start}.${namespace}.${boot}.`;
}

/** Makes a whole name for something that this process sets aside, which must not exist yet. */
export function nameAside(name: string): string {
  return nameForOwner(name, findOwner()) + String(Math.random()).slice(2, 8).padEnd(6, '0');
}

/** Whether a folder has an entry of a process that may still be running. */
export function hasLiveOwner(folder: string): boolean {
  try {
    return readdirSync(folder).length > listAbandoned(folder, findOwner()).length;
  } catch {
    return false;
  }
}

/**
 * Lists the trial folders whose process is gone, because it was killed before it could remove them, or the machine stopped.
 *
 * A folder is left out in case of doubt: if its name has another form, or if its process may be running in another PID namespace or on
 * another machine that shares the folder.
 *
 * @param trials the folder that holds all trials
 */
export function listAbandoned(trials: string, own: Owner): string[] {
  return readdirSync(trials).flatMap((name) => {
    const path = join(trials, name);
    const [, pid = '', start = '', namespace = '', boot = ''] = OWNER.exec(name) ?? [];
    if (pid === '') return [];
    const gone =
      boot === own.boot ? namespace === own.namespace && !isAlive(Number(pid), start) : isOlderThanBoot(path);
    return gone ? [path] : [];
  });
}

/** Whether a folder is older than the boot. One that another machine uses is younger, unless this machine has just started. */
function isOlderThanBoot(path: string): boolean {
  const seconds = /^btime (\d+)$/m.exec(readFileSync('/proc/stat', 'latin1'))?.[1];
  const changed = statSync(path, { throwIfNoEntry: false })?.mtimeMs;
  return seconds !== undefined && changed !== undefined && changed < Number(seconds) * 1000;
}

function isAlive(pid: number, start: string): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: the process is alive and belongs to another user.
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
  }
  const stat = readStat(pid);
  // /proc may hide the processes of other users (hidepid, proc(5)).
  if (stat === undefined) return true;
  return stat.start === start && stat.state !== 'Z' && stat.state !== 'X';
}

function readStat(pid: number): { readonly state: string; readonly start: string } | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The second field is the program's name in brackets, which may contain brackets and blanks.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return { state: fields[0] ?? '', start: fields[19] ?? '' };
  } catch {
    return undefined;
  }
}
