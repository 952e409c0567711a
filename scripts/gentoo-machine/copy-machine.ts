import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Copies the machine into an empty folder. Most files of /usr are the same ones as in the original, which is in the same file system: they may
 * be replaced, but not written to. What Portage has merged is copied: unmerging it, Portage takes the permissions from a file that has other
 * links before it removes it.
 */
export function copyMachine(machine: string, target: string): void {
  const others = readdirSync(machine).filter((name) => name !== 'usr');
  execFileSync('cp', ['-a', '--link', join(machine, 'usr'), target]);
  execFileSync('cp', ['-a', ...others.map((name) => join(machine, name)), target]);
  const merged = listMerged(machine).filter((path) => path.startsWith('/usr/'));
  const copy = ['-0', 'cp', '-a', '--parents', '--remove-destination', '-t', target];
  execFileSync('xargs', copy, { cwd: machine, input: merged.map((path) => `.${path}\0`).join('') });
  chmodSync(target, 0o755);
}

/** The files of the packages that Portage itself has merged, which leaves their environment in the VDB. */
function listMerged(machine: string): readonly string[] {
  const vdb = join(machine, 'var/db/pkg');
  return readdirSync(vdb).flatMap((category) =>
    readdirSync(join(vdb, category)).flatMap((name) => {
      const record = join(vdb, category, name);
      if (!existsSync(join(record, 'environment.bz2'))) return [];
      const contents = readFileSync(join(record, 'CONTENTS'), 'utf8');
      return [...contents.matchAll(/^obj (.+) [0-9a-f]{32} \d+$/gm)].flatMap(([, path]) => path ?? []);
    }),
  );
}
