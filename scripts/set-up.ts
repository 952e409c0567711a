/**
 * `npm run set-up [-- [--editor] [--with NAME…]]`, and `ebuild-audit set-up [--with NAME…]` of an installed product: installs what is missing. `--with` makes a second practice root, which has these Debian
 * packages as well, and tells where it is; they must be installed.
 * Exit codes: 0 ready, 1 something failed, 2 the user has to install packages first; the line to copy is printed.
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { stateFolder } from '../server/src/package-manager/home.ts';
import { provideEverything } from './set-up/set-up.ts';
import { MissingPackagesError } from './set-up/system-packages.ts';

/** Of the second root in the state folder. */
const NAME = 'root-with-more';

try {
  const { values, positionals } = parseArgs({
    options: { editor: { type: 'boolean', default: false }, with: { type: 'boolean', default: false } },
    allowPositionals: true,
  });
  if (values.with !== positionals.length > 0)
    throw new Error('Name the Debian packages after --with: set-up [--editor] [--with NAME…]');
  const wider = { name: NAME, packages: positionals };
  provideEverything({ editor: values.editor, ...(values.with && { wider }) });
  if (values.with) {
    const root = join(stateFolder(process.env, process.getuid?.() ?? -1), NAME);
    console.log(`Use it with --root ${root}, or set ebuildAudit.root to it.`);
  }
} catch (error) {
  console.error(`set-up: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = error instanceof MissingPackagesError ? 2 : 1;
}
