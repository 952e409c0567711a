/** What is taken from an opened package, which may be anything. */
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { takeTree } from '../../server/src/layers/taken-tree.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ebuild-audit-taken-'));
  for (const name of ['from', 'to', 'content']) mkdirSync(join(folder, name));
});
afterEach(() => rmSync(folder, { recursive: true }));

const from = (path: string) => join(folder, 'from', path);
const to = (path: string) => join(folder, 'to', path);

function take(more: { place?: (path: string) => string | undefined; limit?: number; name?: string } = {}) {
  const { place = (path: string) => path, limit = 1e9, name = 'to' } = more;
  mkdirSync(join(folder, name), { recursive: true });
  return takeTree({
    from: join(folder, 'from'),
    to: join(folder, name),
    content: join(folder, 'content'),
    limit,
    place,
  });
}

describe('taking a tree', () => {
  test('keeps folders, files with their permissions, and links, and writes CONTENTS', async () => {
    mkdirSync(from('usr/bin'), { recursive: true });
    writeFileSync(from('usr/bin/a b'), 'text');
    chmodSync(from('usr/bin/a b'), 0o4755);
    symlinkSync('../../../../etc/passwd', from('usr/bin/link'));
    utimesSync(from('usr/bin/a b'), 1700000000, 1700000000);
    const { contents, leftOut } = await take();
    expect(readFileSync(to('usr/bin/a b'), 'utf8')).toBe('text');
    expect(lstatSync(to('usr/bin/a b')).mode & 0o7777).toBe(0o755);
    expect(readlinkSync(to('usr/bin/link'))).toBe('../../../../etc/passwd');
    expect(contents.slice(0, 3)).toEqual([
      'dir /usr',
      'dir /usr/bin',
      'obj /usr/bin/a b 1cb251ec0d568de6a929b520c4aed8d1 1700000000',
    ]);
    expect(contents[3]).toMatch(/^sym \/usr\/bin\/link -> \.\.\/\.\.\/\.\.\/\.\.\/etc\/passwd \d+$/);
    expect(leftOut).toEqual([]);
  });

  test('makes equal files of all trees one inode, but not those of other permissions', async () => {
    writeFileSync(from('first'), 'same');
    await take({ name: 'one' });
    writeFileSync(from('second'), 'same');
    writeFileSync(from('third'), 'same', { mode: 0o600 });
    writeFileSync(from('module.py'), 'same');
    await take({ name: 'two' });
    const inode = (path: string) => statSync(join(folder, path)).ino;
    expect(inode('two/second')).toBe(inode('one/first'));
    expect(inode('two/third')).not.toBe(inode('one/first'));
    // The time of a module of Python means something.
    expect(inode('two/module.py')).not.toBe(inode('one/first'));
  });

  test('replaces content that a full disk has cut off', async () => {
    writeFileSync(from('file'), 'whole content');
    await take({ name: 'one' });
    const [sub = ''] = readdirSync(join(folder, 'content'));
    const [kept = ''] = readdirSync(join(folder, 'content', sub));
    rmSync(join(folder, 'content', sub, kept));
    writeFileSync(join(folder, 'content', sub, kept), 'who');
    writeFileSync(from('file'), 'whole content');
    await take({ name: 'two' });
    expect(readFileSync(join(folder, 'two/file'), 'utf8')).toBe('whole content');
  });

  test('leaves pipes and strange names behind, and names them', async () => {
    execFileSync('mkfifo', [from('pipe')]);
    writeFileSync(from('new\nline'), '');
    writeFileSync(from('kept'), '');
    const { leftOut } = await take();
    expect(leftOut).toHaveLength(2);
    expect(leftOut.join()).toContain('/pipe');
    expect(readdirSync(to(''))).toEqual(['kept']);
  });

  test('takes names that are not UTF-8', async () => {
    writeFileSync(Buffer.concat([Buffer.from(from('x')), Buffer.from([0xff])]), 'bytes');
    const { contents } = await take();
    expect(contents[0]).toMatch(/^obj \/x\udcff /u);
    expect(readdirSync(to(''), { encoding: 'buffer' })[0]).toEqual(Buffer.from([0x78, 0xff]));
  });

  test('puts nothing behind a link of the tree, wherever the root has its folders', async () => {
    const victim = join(folder, 'victim');
    mkdirSync(victim);
    mkdirSync(from('usr'));
    mkdirSync(from('bin'));
    symlinkSync(victim, from('usr/bin'));
    writeFileSync(from('bin/file'), 'out');
    for (const name of ['zbin', 'lib']) {
      mkdirSync(from(name));
      writeFileSync(from(`${name}/file`), 'out');
    }
    // As in a root where /zbin is a link to /usr/bin, and /lib one to /bin.
    const place = (path: string) => path.replace(/^\/zbin/, '/usr/bin').replace(/^\/lib/, '/bin');
    const { leftOut } = await take({ place });
    expect(readdirSync(victim)).toEqual([]);
    expect(leftOut).toEqual(['/usr/bin', '/bin/file']);
    expect(readdirSync(to('usr/bin'))).toEqual(['file']);
  });

  test('a tree of another content has another digest, of other times the same', async () => {
    const digestOf = async (text: string, time: number) => {
      rmSync(join(folder, 'from'), { recursive: true });
      mkdirSync(join(folder, 'from'));
      writeFileSync(from('file'), text);
      utimesSync(from('file'), time, time);
      return (await take({ name: `${text}-${time}` })).digest;
    };
    const first = await digestOf('a', 1);
    expect(await digestOf('a', 2)).toBe(first);
    expect(await digestOf('b', 1)).not.toBe(first);
  });

  test('refuses a tree whose files are larger than the limit, as a sparse file can be', async () => {
    execFileSync('truncate', ['-s', '4T', from('huge')]);
    await expect(take({ limit: 1e9 })).rejects.toThrow(/larger than the limit/);
  });
});
