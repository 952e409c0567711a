/**
 * `npm run demo`: shows the main use on real input. It runs the set-up, and then the command line, which finds, fixes and
 * verifies a missing dependency of a real upstream project. It works on a copy of the example.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setUp } from './set-up/set-up.ts';

const EXAMPLE = 'media-gfx/pngcrush/pngcrush-1.8.13-r1.ebuild';

if (!(await setUp({ editor: false }))) process.exit(2);
const built = spawnSync(process.execPath, ['scripts/run.mjs', 'build'], {
  stdio: ['ignore', 'ignore', 'inherit'],
});
if (built.status !== 0) process.exit(2);
const folder = mkdtempSync(join(tmpdir(), 'ebuild-audit-demo-'));
try {
  const overlay = join(folder, 'examples');
  cpSync('examples', overlay, { recursive: true });
  // An unprivileged user builds for root, and a checkout may not be readable for others.
  spawnSync('chmod', ['-R', 'a+rX', overlay]);
  const ebuild = join(overlay, EXAMPLE);
  const command = ['dist/cli/ebuild-audit.mjs', 'trial', ebuild, '--fix', '--verify'];
  console.log(`\n$ ebuild-audit ${command.slice(1).join(' ')}\n`);
  const { status } = spawnSync(process.execPath, command, { stdio: 'inherit' });
  console.log('\nThe dependencies of the ebuild as they are now:\n');
  console.log(
    readFileSync(ebuild, 'utf8')
      .match(/^\w*DEPEND="[^"]*"/gm)
      ?.join('\n'),
  );
  if (status !== 0)
    console.error(`\nThe demo failed: ebuild-audit ended with ${status}, and 0 was expected.`);
  process.exitCode = status ?? 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
