import { execFileSync } from 'node:child_process';
import { chmodSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Copies the machine into an empty folder. The files of /usr are the same ones as in the original, which is in the same file system: they may
 * be replaced or removed, as Portage does, but not written to.
 */
export function copyMachine(machine: string, target: string): void {
  const others = readdirSync(machine).filter((name) => name !== 'usr');
  execFileSync('cp', ['-a', '--link', join(machine, 'usr'), target]);
  execFileSync('cp', ['-a', ...others.map((name) => join(machine, name)), target]);
  chmodSync(target, 0o755);
}
