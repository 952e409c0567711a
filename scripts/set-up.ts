/**
 * `npm run set-up [-- --editor]`: installs what is missing.
 * Exit codes: 0 ready, 1 something failed, 2 the user has to install packages first; the line to copy is printed.
 */
import { provideEverything } from './set-up/set-up.ts';
import { MissingPackagesError } from './set-up/system-packages.ts';

try {
  provideEverything({ editor: process.argv.includes('--editor') });
} catch (error) {
  console.error(`set-up: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = error instanceof MissingPackagesError ? 2 : 1;
}
