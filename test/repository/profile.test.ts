import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { effectiveUse, profileFolder } from '../../server/src/repository/profile/effective-use.ts';
import { type Profile, readProfile } from '../../server/src/repository/profile/profile.ts';

let root: string;
let problems: string[];
const report = (sentence: string): void => void problems.push(sentence);

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'profile-'));
  problems = [];
  write('main/profiles/repo_name', 'main\n');
  write(
    'main/profiles/base/make.defaults',
    'USE_EXPAND="CPU"\nUSE="acl"\nUSE="${USE} xattr"\nCPU="one"\nPLAIN="a"\n',
  );
  write('main/profiles/base/packages', '*sys-apps/a\n*sys-apps/b\nsys-apps/no\n');
  write('main/profiles/base/use.mask', 'bad\n');
  write('main/profiles/arch/parent', '../base\n');
  write('main/profiles/arch/make.defaults', 'USE="-acl ssl"\nCPU="two"\nPLAIN="${PLAIN} b"\n');
  write('over/profiles/mine/parent', 'main:arch # comment\n');
  write('over/profiles/mine/packages', '-*sys-apps/a\n*sys-apps/c\n');
  write('over/profiles/mine/use.force/first', 'forced\n');
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

function write(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

function read(): Profile {
  return readProfile(root, join(root, 'over/profiles/mine'), new Map([['main', join(root, 'main')]]), report);
}

test('a profile stacks what its parents say', () => {
  const profile = read();
  expect(profile.nodes.map((node) => node.slice(root.length))).toEqual([
    '/main/profiles/base',
    '/main/profiles/arch',
    '/over/profiles/mine',
  ]);
  expect(profile.settings.get('USE')).toBe('xattr ssl');
  expect(profile.settings.get('CPU')).toBe('one two');
  expect(profile.settings.get('PLAIN')).toBe('a b');
  expect(profile.system).toEqual(['sys-apps/b', 'sys-apps/c']);
  expect([...profile.useForce]).toEqual(['forced']);
  expect(profile.complete).toBe(true);
});

test('a profile that is its own parent, or has one that is not there, is read as far as it goes', () => {
  write('main/profiles/base/parent', '../arch\nnowhere\n');
  expect(read().complete).toBe(false);
  expect(read().settings.get('PLAIN')).toBe('a b');
  expect(problems.some((problem) => problem.includes('has itself as a parent'))).toBe(true);
  expect(problems.some((problem) => problem.includes('does not exist'))).toBe(true);
});

test('USE of a package from the files alone', () => {
  write('etc/portage/make.conf', 'USE="x -ssl"\nCPU="three"\n');
  write(
    'etc/portage/package.use/mine',
    'a/b y -x # why\na/b CPU: four\n*/* every\nc/d no\n>=a/b-1 versioned\n',
  );
  symlinkSync('../../over/profiles/mine', join(root, 'etc/portage/make.profile'));
  expect(profileFolder(root, report)).toBe(join(root, 'etc/portage/make.profile'));
  const iuse = 'x y ssl +dflt -off xattr every forced no bad versioned cpu_one cpu_three cpu_four'.split(' ');
  const { enabled, approximation } = effectiveUse(root, read(), { category: 'a', name: 'b', iuse }, report);
  expect([...enabled].sort()).toEqual('cpu_four cpu_one cpu_three dflt every forced xattr y'.split(' '));
  expect(approximation).toMatch(/because they come from files alone/);
});
