import { spawnSync } from 'node:child_process';

/** Runs a program to its end. Throws an Error that begins with `failure` and has the last line of its output. */
export function runProgram(program: string, words: readonly string[], failure: string): void {
  const { status, stderr, stdout, error } = spawnSync(program, words, { encoding: 'utf8' });
  if (status === 0) return;
  const said = `${stdout ?? ''}${stderr ?? ''}`.trim().split('\n').at(-1);
  throw new Error(`${failure}: ${error?.message ?? said}`);
}
