import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { canShareSources } from '../../../server/src/trial/builder/snapshots/build-key.ts';
import { removeAllBut } from '../../../server/src/trial/builder/steps/remove-all-but.ts';

test.each([
  ['the package manager unpacks them', ['prepare', 'compile'], ['a.tar'], true],
  ['a function unpacks them', ['unpack'], ['a.tar'], false],
  ['the ebuild has pkg_setup', ['setup', 'compile'], ['a.tar'], false],
  ['there are no distfiles', [], [], false],
])('USE states share the sources if %s: %j, %j → %s', (_, definedPhases, distfiles, shared) => {
  expect(canShareSources({ definedPhases, distfiles })).toBe(shared);
});

test('removing does not follow a link in the place of a folder', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'ebuild-audit-sources-'));
  try {
    for (const path of ['outside/precious', 'layer/x']) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), '');
    }
    symlinkSync('../outside', join(folder, 'layer/c'));
    await removeAllBut(join(folder, 'layer'), ['c/p-1/work']);
    expect(readdirSync(join(folder, 'layer'))).toEqual([]);
    expect(readdirSync(join(folder, 'outside'))).toEqual(['precious']);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('only the named paths of a shared step are kept', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'ebuild-audit-sources-'));
  try {
    for (const path of [
      'c/p-1/work/p-1/README',
      'c/p-1/.unpacked',
      'c/p-1/temp/environment',
      'c/.lock',
      'x/y',
    ]) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), '');
    }
    await removeAllBut(folder, ['c/p-1/work', 'c/p-1/.unpacked', 'c/p-1/not-there']);
    expect(readdirSync(folder)).toEqual(['c']);
    expect(readdirSync(join(folder, 'c'))).toEqual(['p-1']);
    expect(readdirSync(join(folder, 'c/p-1')).sort()).toEqual(['.unpacked', 'work']);
    expect(existsSync(join(folder, 'c/p-1/work/p-1/README'))).toBe(true);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
