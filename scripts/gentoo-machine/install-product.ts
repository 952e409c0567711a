import { chmodSync, cpSync, existsSync, mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';

/** What the npm package has of dist/: the helper is compiled by the machine that runs it. */
const PARTS = ['cli', 'worker', 'set-up', 'findings', 'wasm', 'native/source'];
const FOLDER = 'opt/ebuild-audit/dist';
const PROGRAM = 'usr/local/bin/ebuild-audit';

/**
 * Puts the built product into the machine, as its npm package would: /usr/local/bin/ebuild-audit starts it.
 *
 * @param dist the folder of the built product
 */
export function installProduct(machine: string, dist: string): void {
  if (!existsSync(join(dist, 'cli'))) throw new Error('There is no dist/: run "npm run build".');
  rmSync(join(machine, FOLDER), { recursive: true, force: true });
  for (const part of PARTS) cpSync(join(dist, part), join(machine, FOLDER, part), { recursive: true });
  const bin = join(machine, PROGRAM);
  mkdirSync(join(bin, '..'), { recursive: true });
  rmSync(bin, { force: true });
  symlinkSync(`/${FOLDER}/cli/ebuild-audit.mjs`, bin);
  chmodSync(join(machine, FOLDER, 'cli/ebuild-audit.mjs'), 0o755);
}
