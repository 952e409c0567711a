import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A user of the machine's /etc/passwd. */
export interface Account {
  readonly name: string;
  readonly uid: number;
  readonly home: string;
}

export const ROOT: Account = { name: 'root', uid: 0, home: '/root' };
/** An ordinary user, who is in no group but his own. */
export const LARRY: Account = { name: 'larry', uid: 1000, home: '/home/larry' };

/**
 * Makes the folder $1 the root of a mount namespace and runs the rest of the arguments in it. The folder becomes the root by pivot_root(2),
 * since a process in a chroot may not make user namespaces (user_namespaces(7)), and so no sandbox.
 */
const ENTER = `set -eu
root=$1
shift
# lo is brought up (netdevice(7)): SIOCSIFFLAGS with IFF_UP and IFF_RUNNING
perl -e '$up = pack "a16 s x22", "lo", 0x41; socket S, 2, 2, 0 and ioctl S, 0x8914, $up or die "lo: $!"'
mount --bind "$root" "$root"
cd "$root"
mount -t proc proc proc
mount --rbind /sys sys
mount -t tmpfs -o mode=0755 run run
mkdir -m 1777 run/lock
mount -t tmpfs -o mode=0755 dev dev
for name in null zero full random urandom tty; do
  : >"dev/$name"
  mount --bind "/dev/$name" "dev/$name"
done
mkdir dev/shm dev/pts
mount -t tmpfs -o mode=1777 shm dev/shm
mount -t devpts -o newinstance,ptmxmode=0666,mode=0620 devpts dev/pts
ln -s pts/ptmx dev/ptmx
ln -s /proc/self/fd dev/fd
ln -s /proc/self/fd/0 dev/stdin
ln -s /proc/self/fd/1 dev/stdout
ln -s /proc/self/fd/2 dev/stderr
pivot_root . .
umount -l .
cd /
exec "$@"
`;

/**
 * The words of a command that runs `command` in the machine. Only root can run it. It has processes, mounts and a loopback
 * device of its own and no other network, and it is killed with its parent.
 *
 * @param machine the machine's folder
 * @param account the user as whom it runs, with the environment of a login
 */
export function enterMachine(machine: string, account: Account, command: readonly string[]): string[] {
  const namespaces = ['--mount', '--propagation', 'private', '--pid', '--fork', '--ipc', '--net'];
  const drop = [`--reuid=${account.uid}`, `--regid=${account.uid}`, '--init-groups'];
  return [
    ...['unshare', ...namespaces, '--kill-child'],
    ...['/bin/sh', '-c', ENTER, 'sh', machine],
    ...(account.uid === 0 ? [] : ['setpriv', ...drop, '--']),
    ...['env', '-i', ...loginEnvironment(machine, account), ...command],
  ];
}

function loginEnvironment(machine: string, account: Account): string[] {
  // What env-update has written for logins.
  const path = /^export PATH='(.*)'$/m.exec(readFileSync(join(machine, 'etc/profile.env'), 'utf8'))?.[1];
  const values = {
    HOME: account.home,
    LOGNAME: account.name,
    USER: account.name,
    SHELL: '/bin/bash',
    LANG: 'C.UTF-8',
    TERM: process.env.TERM ?? 'dumb',
    PATH: path ?? '',
  };
  return Object.entries(values).map(([name, value]) => `${name}=${value}`);
}
