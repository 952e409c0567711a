/** Compiles the native helper before the first test, so that not every test file that builds the product does it again. */
import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';

const FOLDER = resolve('out/native-for-tests');

/** Where it is then; absent where it cannot be compiled, which the tests that need it tell. */
export const COMPILED_HELPER = `${FOLDER}/ebuild-audit-native`;

/** Vitest's global set-up: make does nothing where no source has changed. */
export function setup(): void {
  spawnSync('make', ['-s', '-C', 'server/native', `OUT=${FOLDER}`], { stdio: 'ignore' });
}
