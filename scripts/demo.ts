/**
 * `npm run demo`: the main job on real input. Sets up what is missing, then lets the command line find, mend and verify a
 * missing dependency of a real upstream project, on a copy of the example so that the project's own files stay as they are.
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
  // A checkout may be closed to others, and when root starts a trial an unprivileged user builds.
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
