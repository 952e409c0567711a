import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { replaceEbuild } from '../../server/src/cli/ebuild-file.ts';
import { readEbuild } from '../../server/src/repository/ebuild-text.ts';

describe('an ebuild on disk', () => {
  let folder: string;
  const at = (name: string) => join(folder, name);
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'ebuild-audit-cli-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  test('is read as it is, byte order mark and line ends too', async () => {
    writeFileSync(at('a.ebuild'), '\ufeffEAPI=8\r\nä');
    expect(await readEbuild(at('a.ebuild'))).toBe('\ufeffEAPI=8\r\nä');
  });

  test('is refused where it would come back damaged', async () => {
    writeFileSync(at('latin.ebuild'), Uint8Array.of(0x41, 0xe4, 0x0a));
    writeFileSync(at('nul.ebuild'), 'a\0b');
    mkdirSync(at('folder.ebuild'));
    await expect(readEbuild(at('latin.ebuild'))).rejects.toThrow(/latin\.ebuild is not UTF-8 text/);
    await expect(readEbuild(at('nul.ebuild'))).rejects.toThrow(/nul\.ebuild is not UTF-8 text/);
    await expect(readEbuild(at('folder.ebuild'))).rejects.toThrow(/is a folder: name an ebuild file\.$/);
    await expect(readEbuild('/dev/zero')).rejects.toThrow(/is not a regular file/);
    await expect(readEbuild(at('none.ebuild'))).rejects.toThrow(/does not exist: name an ebuild file\.$/);
  });

  test('is read through a link to an ebuild, and through no other link', async () => {
    writeFileSync(at('real.ebuild'), 'EAPI=8');
    writeFileSync(at('id_ed25519'), 'secret');
    symlinkSync('real.ebuild', at('a.ebuild'));
    symlinkSync('id_ed25519', at('b.ebuild'));
    expect(await readEbuild(at('a.ebuild'))).toBe('EAPI=8');
    await expect(readEbuild(at('b.ebuild'))).rejects.toThrow(/b\.ebuild is a link to a file that is not/);
    writeFileSync(at('c.ebuild'), Buffer.alloc(9 * 2 ** 20, 'a'));
    await expect(readEbuild(at('c.ebuild'))).rejects.toThrow(
      /c\.ebuild has more than 256 KiB, .* was not read: split it/,
    );
  });

  test('is replaced with its mode, and through a link', async () => {
    writeFileSync(at('a.ebuild'), 'old');
    chmodSync(at('a.ebuild'), 0o664);
    symlinkSync('a.ebuild', at('link.ebuild'));
    await replaceEbuild(at('link.ebuild'), 'new');
    expect(readFileSync(at('a.ebuild'), 'utf8')).toBe('new');
    expect(statSync(at('a.ebuild')).mode & 0o777).toBe(0o664);
    expect(readlinkSync(at('link.ebuild'))).toBe('a.ebuild');
    expect(readdirSync(folder).sort()).toEqual(['a.ebuild', 'link.ebuild']);
  });

  test('that cannot be replaced stays as it is', async () => {
    writeFileSync(at('a.ebuild'), 'old');
    // Its name is so long that no longer name can exist beside it.
    const long = at(`${'a'.repeat(240)}.ebuild`);
    writeFileSync(long, 'old');
    await expect(replaceEbuild(long, 'new')).rejects.toThrow(
      /^The edits were not applied, because .*\.ebuild cannot be written \(ENAMETOOLONG\): /,
    );
    expect(readFileSync(long, 'utf8')).toBe('old');
    expect(readdirSync(folder)).toHaveLength(2);
    expect(readFileSync(at('a.ebuild'), 'utf8')).toBe('old');
  });
});
