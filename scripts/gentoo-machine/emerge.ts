import { spawnSync } from 'node:child_process';
import { enterMachine, ROOT } from './enter-machine.ts';

/** Runs a command of Portage in the machine as root. Throws an Error with its output when it fails. */
export function emerge(machine: string, command: readonly string[]): void {
  run(enterMachine(machine, ROOT, command), `"${command.join(' ')}" failed in the Gentoo machine`);
}

/** Runs a command. Throws an Error that begins with `failure` when it fails. */
export function run([program = '', ...words]: readonly string[], failure: string): void {
  const { status, stdout, stderr, error } = spawnSync(program, words, { encoding: 'utf8' });
  if (status === 0) return;
  throw new Error(`${failure}: ${error?.message ?? `${stdout}${stderr}`.trim()}`);
}
