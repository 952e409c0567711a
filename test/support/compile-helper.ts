/** Compiles the native helper before the first test, so that test files that build the product need not repeat it. */
import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';

const FOLDER = resolve('out/native-for-tests');

/** The compiled helper; missing if it cannot be compiled, which the tests that need it report. */
export const COMPILED_HELPER = `${FOLDER}/ebuild-audit-native`;

/** Vitest's global set-up; make does nothing if no source has changed. */
export function setup(): void {
  spawnSync('make', ['-s', '-C', 'server/native', `OUT=${FOLDER}`], { stdio: 'ignore' });
}
