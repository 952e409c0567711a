import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { COULD_NOT_RUN } from './exit-status.ts';

/**
 * Runs another bundle of the product in a process of its own, which has standard input and output. Signals go to the other process.
 *
 * @returns its exit code; 128 and the number of the signal that ended it
 */
export function runProgram(bundle: string, args: readonly string[]): Promise<number> {
  const program = spawn(process.execPath, [bundle, ...args], { stdio: 'inherit' });
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const)
    process.on(signal, () => program.kill(signal));
  return new Promise((resolve, reject) => {
    program.once('error', reject);
    program.once('exit', (code, signal) =>
      resolve(code ?? (signal === null ? COULD_NOT_RUN : 128 + constants.signals[signal])),
    );
  });
}
