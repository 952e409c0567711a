import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { explainAbsentEclass } from '../../server/src/evaluation/absent-eclass.ts';

let folder: string;
const put = (path: string, text: string) => {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
};
const PORTAGE = 'git-r3.eclass could not be found by inherit()';
const explain = (reason = PORTAGE) => explainAbsentEclass(reason, join(folder, 'root'), join(folder, 'guru'));

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'absent-eclass-'));
  put(
    'root/etc/portage/repos.conf',
    '[DEFAULT]\nmain-repo = gentoo\n[gentoo]\nlocation = /var/db/repos/gentoo\n',
  );
  put('root/var/db/repos/gentoo/profiles/repo_name', 'gentoo\n');
  put('root/var/db/repos/gentoo/eclass/cmake.eclass', '');
  put('guru/profiles/repo_name', 'guru\n');
  put('guru/metadata/layout.conf', 'masters = gentoo\n');
});
afterEach(() => rmSync(folder, { recursive: true }));

test.each([
  ['Portage', PORTAGE],
  ['pkgcore', 'inherit requires unknown eclass: git-r3.eclass'],
  ['another pkgcore', 'inherit requires an unknown eclass, git-r3 cannot be found'],
])('the practice root is to blame, in the words of %s', (_, reason) => {
  put('root/.practice-root', '');
  const error = explain(reason);
  expect(error?.message).toBe(
    'Set ebuildAudit.root or --root to a Gentoo system: the practice root has no git-r3.eclass, so the ebuild cannot be tried here.',
  );
  expect(error?.mend).toEqual({ kind: 'setting', name: 'root' });
});

test('a master that is not on this machine is to blame', () => {
  put('guru/metadata/layout.conf', 'masters = far gentoo\n');
  const error = explain();
  expect(error?.message).toMatch(
    /^Name the location of the repository far in \S+\/root\/etc\/portage\/repos\.conf, or set .*: the repositories on this machine have no git-r3\.eclass, so the ebuild cannot be tried here\.$/,
  );
  expect(error?.mend).toEqual({ kind: 'setting', name: 'root' });
});

test('a repository that has the eclass and is no master is named', () => {
  put('guru/metadata/layout.conf', 'masters =\n');
  const error = explain('cmake.eclass could not be found by inherit()');
  expect(error?.message).toBe(
    'Add gentoo to "masters" in metadata/layout.conf of guru: gentoo has cmake.eclass and is not a master of guru, so the ebuild cannot inherit it.',
  );
  expect(error?.mend).toBeUndefined();
});

test('where every repository is there, the ebuild is to blame', () => {
  expect(explain()).toBeUndefined();
  put('root/.practice-root', '');
  expect(explain('cmake.eclass could not be found by inherit()')).toBeUndefined();
  expect(explain('line 3: syntax error')).toBeUndefined();
  expect(explain('../../etc/passwd.eclass could not be found by inherit()')).toBeUndefined();
});
