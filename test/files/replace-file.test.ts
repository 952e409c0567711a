import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { removeLeftovers, replaceFile, replaceFileByParts } from '../../server/src/files/replace-file.ts';
import { requireOrSkip } from '../support/requirement.ts';
import { isRoot } from '../support/user.ts';

let folder: string;
const at = (name: string) => join(folder, name);
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ebuild-audit-replace-'));
  writeFileSync(at('file'), 'old');
});
afterEach(() => rmSync(folder, { recursive: true }));

const bytes = (text: string) => Buffer.from(text);

describe('a file that is replaced', () => {
  test.each([
    ['at once', () => replaceFile(at('file'), 'new words')],
    ['durably', () => replaceFile(at('file'), bytes('new words'), { durable: true })],
    ['by parts', () => replaceFileByParts(at('file'), [bytes('new '), bytes(''), bytes('words')])],
  ])('%s has the new content and nothing beside it', async (_, replace) => {
    await replace();
    expect(readFileSync(at('file'), 'utf8')).toBe('new words');
    expect(readdirSync(folder)).toEqual(['file']);
  });

  test('may be a new one', () => {
    replaceFile(at('other'), 'new');
    expect(readdirSync(folder).sort()).toEqual(['file', 'other']);
  });

  test('has the mode that is asked for, whatever the umask is', () => {
    const before = process.umask(0o077);
    try {
      replaceFile(at('file'), 'new', { mode: 0o664 });
      replaceFile(at('other'), 'new');
    } finally {
      process.umask(before);
    }
    expect(statSync(at('file')).mode & 0o7777).toBe(0o664);
    expect(statSync(at('other')).mode & 0o7777).toBe(0o600);
  });

  test('has the owner that is asked for, and keeps a mode that a change of owner takes away', () => {
    // Only root can give files away.
    const uid = isRoot ? 65534 : (process.geteuid?.() ?? 0);
    const gid = isRoot ? 65534 : (process.getegid?.() ?? 0);
    replaceFile(at('file'), 'new', { mode: 0o4755, owner: { uid, gid } });
    const stats = statSync(at('file'));
    expect([stats.uid, stats.gid, stats.mode & 0o7777]).toEqual([uid, gid, 0o4755]);
  });

  test('is not written through a link', () => {
    symlinkSync('file', at('link'));
    replaceFile(at('link'), 'new');
    expect(readFileSync(at('file'), 'utf8')).toBe('old');
    expect(lstatSync(at('link')).isFile()).toBe(true);
  });

  test('has another temporary name each time, which nobody can foretell', async () => {
    const seen = new Set<string>();
    const look = function* () {
      for (const name of readdirSync(folder)) seen.add(name);
      yield bytes('new');
    };
    await replaceFileByParts(at('file'), look());
    await replaceFileByParts(at('file'), look());
    expect(seen.size).toBe(3);
    for (const name of seen) expect(name).toMatch(/^file(?:\.[\da-f-]{36}\.tmp)?$/);
  });
});

describe('a file that cannot be replaced is as it was, with nothing beside it', () => {
  const expectUntouched = () => {
    expect(readFileSync(at('file'), 'utf8')).toBe('old');
    expect(readdirSync(folder)).toEqual(['file']);
  };

  test('when a part cannot be had', async () => {
    const parts = function* () {
      yield bytes('half');
      throw new Error('no more');
    };
    await expect(replaceFileByParts(at('file'), parts())).rejects.toThrow('no more');
    expectUntouched();
  });

  test('when a folder has its name', () => {
    mkdirSync(at('taken'));
    expect(() => replaceFile(at('taken'), 'new')).toThrow(/EISDIR|ENOTEMPTY|EEXIST/);
    rmSync(at('taken'), { recursive: true });
    expectUntouched();
  });

  test('when there is no folder to put it in', async () => {
    expect(() => replaceFile(at('none/file'), 'new')).toThrow('ENOENT');
    await expect(replaceFileByParts(at('file/file'), [])).rejects.toThrow('ENOTDIR');
    expectUntouched();
  });

  const mounts = spawnSync('unshare', ['-Urm', 'true']).status === 0;
  requireOrSkip(mounts ? undefined : 'allow unprivileged user namespaces, and install unshare of util-linux')(
    'when the disk is full',
    async () => {
      const outfile = at('replace.mjs');
      await build({
        entryPoints: ['server/src/files/replace-file.ts'],
        outfile,
        bundle: true,
        platform: 'node',
        format: 'esm',
      });
      mkdirSync(at('small'));
      const program = `
        import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
        import { replaceFile, replaceFileByParts } from ${JSON.stringify(outfile)};
        const [folder] = process.argv.slice(1);
        writeFileSync(folder + '/file', 'old');
        const large = Buffer.alloc(2 ** 20);
        const codes = [];
        try { replaceFile(folder + '/file', large); } catch ({ code }) { codes.push(code); }
        try { await replaceFileByParts(folder + '/file', [large, large]); } catch ({ code }) { codes.push(code); }
        console.log(JSON.stringify({ codes, names: readdirSync(folder), text: readFileSync(folder + '/file', 'utf8') }));
      `;
      const script = 'mount -t tmpfs -o size=64k small "$0" && exec "$@"';
      const output = execFileSync(
        'unshare',
        [
          '-Urm',
          'sh',
          '-c',
          script,
          at('small'),
          process.execPath,
          '--input-type=module',
          '-e',
          program,
          at('small'),
        ],
        { encoding: 'utf8' },
      );
      expect(JSON.parse(output)).toEqual({ codes: ['ENOSPC', 'ENOSPC'], names: ['file'], text: 'old' });
    },
  );
});

test('leftovers of killed processes go when nobody can be writing them any more', () => {
  for (const name of ['file.1.tmp', 'file.2.tmp', 'other.1.tmp', 'file.3']) writeFileSync(at(name), '');
  for (const name of ['file', 'file.1.tmp', 'other.1.tmp', 'file.3']) utimesSync(at(name), 1, 1);
  chmodSync(at('file'), 0o400);
  removeLeftovers(folder, 'file.');
  expect(readdirSync(folder).sort()).toEqual(['file', 'file.2.tmp', 'file.3', 'other.1.tmp']);
  removeLeftovers(folder);
  expect(readdirSync(folder).sort()).toEqual(['file', 'file.2.tmp', 'file.3']);
  removeLeftovers(at('none'));
});
