import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { findPackageManager } from '../../server/src/package-manager/find.ts';
import { stateFolder } from '../../server/src/package-manager/home.ts';

let folder: string;
let root: string;
let home: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ebuild-audit-find-'));
  root = join(folder, 'root');
  home = join(folder, 'home');
  mkdirSync(root);
});
afterEach(() => rmSync(folder, { recursive: true }));

function put(...paths: string[]): void {
  for (const path of paths) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, '');
  }
}

/** A virtual environment whose Python is a link to one that the root has. */
function putVirtualEnvironment(name: 'portage' | 'pkgcore', version: string): string {
  const environment = join(home, 'package-managers', name);
  const python = join(folder, 'usr/bin/python3.12');
  put(
    python,
    root + python,
    join(environment, `lib/python3.12/site-packages/${name}-${version}.dist-info/METADATA`),
  );
  mkdirSync(join(environment, 'bin'), { recursive: true });
  symlinkSync(python, join(environment, 'bin/python3'));
  return environment;
}

describe('findPackageManager', () => {
  test("takes the root's own Portage, with the newest Python that has it", () => {
    put(
      join(root, 'usr/bin/ebuild'),
      join(root, 'usr/bin/scanelf'),
      join(root, 'var/db/pkg/sys-apps/portage-3.0.77-r1/PF'),
      ...['python3.9', 'python3.13'].flatMap((python) => [
        join(root, 'usr/bin', python),
        join(root, 'usr/lib/portage', python, 'ebuild.sh'),
        join(root, 'usr/lib/python-exec', python, 'ebuild'),
      ]),
    );
    putVirtualEnvironment('portage', '3.0.83');
    const found = findPackageManager(root, home);
    expect(found).toMatchObject({ name: 'portage', version: '3.0.77-r1' });
    expect(found.files).toEqual({ binds: [], programs: ['/usr/bin/python3.13', '/usr/bin/scanelf'] });
  });
  test('takes a private Portage where the root has none, and binds it', () => {
    const environment = putVirtualEnvironment('portage', '3.0.83');
    put(join(environment, 'lib/portage/bin/ebuild'));
    const found = findPackageManager(root, home);
    expect(found).toMatchObject({ name: 'portage', version: '3.0.83' });
    expect(found.files.binds).toEqual([environment]);
  });
  test('takes pkgcore when it is preferred', () => {
    const environment = putVirtualEnvironment('pkgcore', '0.12.29');
    put(join(environment, 'bin/pebuild'));
    expect(findPackageManager(root, home, 'pkgcore')).toMatchObject({ name: 'pkgcore', version: '0.12.29' });
  });
  test('does not take one whose Python the root lacks', () => {
    const environment = putVirtualEnvironment('portage', '3.0.83');
    put(join(environment, 'lib/portage/bin/ebuild'));
    rmSync(join(root, folder), { recursive: true });
    expect(() => findPackageManager(root, home)).toThrow(/There is no Portage in/);
  });
  test('says what to run when there is none', () => {
    expect(() => findPackageManager(root, home)).toThrow(
      `There is no Portage in ${root} and none in ${home}/package-managers/portage: run "ebuild-audit set-up", or on Gentoo "emerge sys-apps/portage".`,
    );
    expect(() => findPackageManager(root, home, 'pkgcore')).toThrow('There is no pkgcore in');
  });
});

describe('stateFolder', () => {
  test.each([
    [{ EBUILD_AUDIT_HOME: '/x', HOME: '/h' }, 0, '/x'],
    [{ HOME: '/h' }, 0, '/var/cache/ebuild-audit'],
    [{ HOME: '/h' }, 1000, '/h/.cache/ebuild-audit'],
    [{ HOME: '/h', XDG_CACHE_HOME: '/c' }, 1000, '/c/ebuild-audit'],
    // The XDG base directory specification ignores relative paths.
    [{ HOME: '/h', XDG_CACHE_HOME: 'c' }, 1000, '/h/.cache/ebuild-audit'],
  ])('%j as %i is %s', (environment, uid, expected) => {
    expect(stateFolder(environment, uid)).toBe(expected);
  });
  test('says what to set when there is no home', () => {
    expect(() => stateFolder({}, 1000)).toThrow('set EBUILD_AUDIT_HOME or HOME');
  });
});
