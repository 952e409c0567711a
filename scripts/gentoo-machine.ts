/**
 * `node scripts/run.mjs gentoo-machine [--user larry] [-- COMMAND…]`: makes the Gentoo machine of the tests unless it is there, merges the
 * product of dist/ into it, and runs a shell or a command in it (docs/gentoo-machine.md). Only root can run it. Exits with the status of the
 * command.
 */
import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import { stateFolder } from '../server/src/package-manager/home.ts';
import { enterMachine, LARRY, ROOT } from './gentoo-machine/enter-machine.ts';
import { makeGentooMachine } from './gentoo-machine/gentoo-machine.ts';
import { installProduct } from './gentoo-machine/install-product.ts';
import { packNpm } from './npm-package.ts';

try {
  const { values, positionals } = parseArgs({
    options: { user: { type: 'string', default: ROOT.name } },
    allowPositionals: true,
  });
  const account = [ROOT, LARRY].find(({ name }) => name === values.user);
  if (account === undefined)
    throw new Error(`The machine has the users root and larry, and no ${values.user}.`);
  process.umask(0o022);
  const folder = makeGentooMachine(stateFolder(process.env, process.geteuid?.() ?? -1), (line) =>
    console.error(line),
  );
  installProduct(folder, packNpm());
  const command = positionals.length > 0 ? positionals : ['/bin/bash', '-i'];
  const [program = '', ...words] = enterMachine(folder, account, command);
  process.exitCode = spawnSync(program, words, { stdio: 'inherit' }).status ?? 1;
} catch (error) {
  console.error(`gentoo-machine: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
