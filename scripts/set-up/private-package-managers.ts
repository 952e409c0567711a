import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { privatePackageManager } from '../../server/src/package-manager/home.ts';
import type { Log } from './log.ts';
import { runProgram } from './program.ts';

/** The distribution's own: one below a user's folder would not be there in the sandbox. */
const PYTHON = '/usr/bin/python3';

/**
 * What pip installs, every version pinned; pkgcheck comes with pkgcore, which it is made of. pkgcore refuses to start from 0.12.30 on where
 * Bash is older than 5.3, which its newest EAPI wants, and the pkgcheck of that time does not start with later tree-sitters.
 */
function requirements(name: 'portage' | 'pkgcore', bash: readonly [number, number]): readonly string[] {
  if (name === 'portage') return ['portage==3.0.83'];
  const newBash = bash[0] > 5 || (bash[0] === 5 && bash[1] >= 3);
  return newBash
    ? ['pkgcore==0.12.33', 'pkgcheck==0.10.39']
    : [
        'pkgcore==0.12.29',
        'pkgcheck==0.10.34',
        'snakeoil==0.10.11',
        'lazy-object-proxy==1.13.0',
        'tree-sitter==0.24.0',
        'tree-sitter-bash==0.23.3',
      ];
}

/**
 * Installs a package manager from PyPI into a virtual environment of its own below `home`, unless it is there.
 * Throws an Error with a sentence for the user.
 */
export function providePackageManager(name: 'portage' | 'pkgcore', home: string, log: Log): void {
  const folder = privatePackageManager(home, name);
  const wanted = requirements(name, bashVersion()).join('\n');
  const stamp = join(folder, '.requirements');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted && existsSync(join(folder, 'bin/python3')))
    return;
  log(`Installing ${wanted.split('\n')[0]} from PyPI into ${folder}`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(dirname(folder), { recursive: true });
  runProgram(PYTHON, ['-m', 'venv', folder], `${PYTHON} could not make a virtual environment`);
  const pip = ['install', '--quiet', '--disable-pip-version-check', '--no-input', ...wanted.split('\n')];
  runProgram(join(folder, 'bin/pip'), pip, `pip could not install ${name} from PyPI`);
  writeFileSync(stamp, wanted);
}

function bashVersion(): readonly [number, number] {
  // Without --norc, Debian's bash reads the user's ~/.bashrc if its input is a socket, as if rshd had started it.
  const { stdout } = spawnSync('bash', ['--norc', '-c', 'echo "${BASH_VERSINFO[0]} ${BASH_VERSINFO[1]}"'], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [major = 0, minor = 0] = (stdout ?? '').trim().split(' ').map(Number);
  return [major, minor];
}
