import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { distfileFolders } from '../../server/src/evaluation/distfile-folders.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'ebuild-audit-distfiles-'));
  mkdirSync(join(root, 'etc/portage'), { recursive: true });
});
afterEach(() => rmSync(root, { recursive: true }));

function foldersWith(makeConf: string): string[] {
  writeFileSync(join(root, 'etc/portage/make.conf'), makeConf);
  const folders = [{ target: '/var', source: join(root, 'var') }];
  return distfileFolders({ path: root, folders, links: [] }, '/state').map((path) => path.replace(root, '~'));
}

const DEFAULTS = ['~/var/cache/distfiles', '~/usr/portage/distfiles', '/state/distfiles'];

test.each([
  ['', DEFAULTS],
  ['DISTDIR="/var/cache/distfiles"\n', DEFAULTS],
  ['BASE="/srv"\nDISTDIR="${BASE}/distfiles"\n', ['~/srv/distfiles', ...DEFAULTS]],
  ['PORTAGE_RO_DISTDIRS="/mnt/one /mnt/two"\n', ['~/mnt/one', '~/mnt/two', ...DEFAULTS]],
  ['DISTDIR="$(pwd)/distfiles"\n', DEFAULTS],
  ['DISTDIR="/../../../etc"\n', ['~/etc', ...DEFAULTS]],
])('distfiles are looked for where make.conf says: %j', (makeConf, folders) => {
  expect(foldersWith(makeConf)).toEqual(folders);
});
