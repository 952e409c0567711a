import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { COULD_NOT_RUN } from './exit-status.ts';

/**
 * Runs the language server in a process of its own, which has standard input and output: this one has made the compiler cheap, for a command
 * that ends soon. Signals go to the server, which ends its trials.
 *
 * @param bundle the path of the server's bundle
 * @returns the exit code of the server
 */
export function runLanguageServer(bundle: string): Promise<number> {
  const server = spawn(process.execPath, [bundle, '--stdio'], { stdio: 'inherit' });
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const)
    process.on(signal, () => server.kill(signal));
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.once('exit', (code, signal) =>
      resolve(code ?? (signal === null ? COULD_NOT_RUN : 128 + constants.signals[signal])),
    );
  });
}
