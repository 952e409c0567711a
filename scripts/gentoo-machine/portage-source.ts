import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { privatePackageManager } from '../../server/src/package-manager/home.ts';
import type { Log } from '../set-up/log.ts';

/** Portage's release on PyPI: the same as the private one of the set-up, but its source. */
export const PORTAGE = {
  requirement: 'portage==3.0.83',
  distfile: 'portage-3.0.83.tar.gz',
  sha256: 'deac3ae1e03aea1ff09a0e831fa8d06e89bfc49440394b66ed6223338d5f9c4e',
} as const;

/**
 * Downloads the source of Portage from PyPI with the pip of the private Portage, unless it is there.
 *
 * @param home the state folder, which keeps it
 * @returns its path
 * @throws an Error with a sentence for the user when it cannot be downloaded, or is not what was pinned
 */
export function portageSource(home: string, log: Log): string {
  const downloads = join(home, 'sources');
  const file = join(downloads, PORTAGE.distfile);
  if (!existsSync(file) || digestOf(file) !== PORTAGE.sha256) {
    log(`Downloading the source of ${PORTAGE.requirement} from PyPI`);
    mkdirSync(downloads, { recursive: true });
    rmSync(file, { force: true });
    // Debian's Python has none of its own.
    const pip = join(privatePackageManager(home, 'portage'), 'bin/pip');
    if (!existsSync(pip)) throw new Error(`There is no ${pip}: run "npm run set-up".`);
    // pip looks into a source for its metadata before it gives it out, and needs the tools that build it; those may be binary.
    const options = ['--quiet', '--disable-pip-version-check', '--no-input', '--no-deps'];
    const words = [
      'download',
      ...options,
      '--no-binary',
      'portage',
      '--dest',
      downloads,
      PORTAGE.requirement,
    ];
    const { status, stderr } = spawnSync(pip, words, { encoding: 'utf8' });
    if (status !== 0)
      throw new Error(`pip could not download ${PORTAGE.requirement}: ${stderr.trim().split('\n').at(-1)}`);
  }
  if (digestOf(file) !== PORTAGE.sha256)
    throw new Error(`${file} is not the source that is pinned: delete it and try again.`);
  return file;
}

function digestOf(file: string): string {
  return createHash('sha256').update(readFileSync(file)).digest('hex');
}
