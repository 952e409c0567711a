import type { ChildProcess } from 'node:child_process';
import { chownSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type As, isRoot, NOBODY } from './user.ts';

/** A cgroup that the machine's administrator has delegated (cgroups(7), "Delegation"). */
export interface GivenCgroup {
  readonly path: string;
  /** Moves a process that has just been started into it. */
  join(child: ChildProcess): void;
  /** The names of the cgroups in it. */
  list(): string[];
  /** It must be empty. */
  remove(): void;
}

/** The mount point of cgroup version 2, or undefined. */
function findMount(): string | undefined {
  const mount = readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .find((line) => line.includes(' - cgroup2 '));
  return mount?.split(' ')[4];
}

/** The reason why this machine gives no cgroups to tests, or undefined. */
export const noCgroups: string | undefined = !isRoot
  ? 'only root can give cgroups away'
  : findMount() === undefined
    ? 'cgroup version 2 is not mounted (mount -t cgroup2 none /sys/fs/cgroup)'
    : undefined;

/**
 * Makes a cgroup and delegates it.
 *
 * @param name unique among the running tests
 */
export function giveCgroup(as: As, name: string): GivenCgroup {
  const path = join(findMount() ?? '', `${name}-${as}-${process.pid}`);
  mkdirSync(path);
  for (const part of ['', 'cgroup.procs', 'cgroup.subtree_control']) {
    if (as === 'user') chownSync(join(path, part), NOBODY, NOBODY);
  }
  return {
    path,
    join: ({ pid }) => writeFileSync(join(path, 'cgroup.procs'), `${pid}`),
    list: () =>
      readdirSync(path, { withFileTypes: true })
        .filter((entry) => entry.isDirectory())
        .map((entry) => entry.name)
        .sort(),
    remove: () => rmdirSync(path),
  };
}
