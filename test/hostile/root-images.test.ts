/** Images of roots that somebody made so that unpacking them, or reading what came out, does harm. */
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { makeHarmless } from '../../server/src/host/root-image/harmless-tree.ts';
import type { ImageKind } from '../../server/src/host/root-image/image-kind.ts';
import { UNPACKING_LIMITS, unpackImage } from '../../server/src/host/root-image/unpack-image.ts';
import type { SandboxLimits } from '../../server/src/sandbox/sandbox.ts';
import { tinyEbuild } from '../failures/tiny-ebuild.ts';
import { makeImage, missingForImages, writeTar } from '../support/images.ts';
import { missingForTrials, openProduct, type Product, type Run } from '../support/product.ts';
import { requireOrSkip } from '../support/requirement.ts';
import { type As, isRoot, NOBODY, who } from '../support/user.ts';
import { createWorld } from '../support/world.ts';

const missing = missingForTrials ?? missingForImages;
const can = requireOrSkip(missing);

let product: Product;
let folder: string;
let ebuild: string;
/** A file of the user of which no image may get hold. */
let secret: string;
let images = 0;

beforeAll(async () => {
  if (missing !== undefined) return;
  product = await openProduct();
  const repository = product.repository('hostile', { 'dev-test/x/x-1.ebuild': tinyEbuild('') });
  ebuild = join(repository, 'dev-test/x/x-1.ebuild');
  folder = join(product.folder, 'made');
  mkdirSync(folder);
  secret = join(product.folder, 'secret');
  writeFileSync(secret, 'secret\n');
});
afterAll(() => product?.remove());

function nextImage(): string {
  images += 1;
  return join(folder, `image-${images}`);
}

const check = (as: As, image: string): Promise<Run> =>
  product.run(as, ['check', '--format', 'json', '--root', image, ebuild]);

/** Unpacks an image by the product. @returns where its files are */
async function unpack(as: As, image: string): Promise<string> {
  const roots = join(product.home(as), 'roots');
  const before = new Set(existsSync(roots) ? readdirSync(roots) : []);
  const run = await check(as, image);
  expect(run.status, run.stderr).toBe(0);
  const [name, ...others] = readdirSync(roots).filter((found) => !before.has(found) && found !== 'digests');
  expect(others).toEqual([]);
  return join(roots, name ?? '', 'tree');
}

/** Expects one sentence, and that nothing is left of the image. */
async function expectRefused(as: As, image: string, reason: RegExp): Promise<void> {
  const roots = join(product.home(as), 'roots');
  const list = () => (existsSync(roots) ? readdirSync(roots) : []).filter((name) => name !== 'digests');
  const before = list();
  const run = await check(as, image);
  const complaints = run.complaints.filter((line) => !/once; this may take minutes\.$/.test(line));
  expect(complaints).toHaveLength(1);
  expect(complaints[0]).toMatch(reason);
  expect(complaints[0]).toMatch(/^ebuild-audit: The root \S+ cannot be unpacked: .*\.$/);
  expect(run.status).toBe(2);
  expect(list()).toEqual(before);
}

/** Every entry below a folder: its kind, permissions and owner, and the target of a link. */
function listTree(tree: string): readonly string[] {
  // Node's own recursive listing follows links.
  return execFileSync('find', ['.', '-mindepth', '1', '-printf', '%P\\0'], { cwd: tree, encoding: 'utf8' })
    .split('\0')
    .filter(Boolean)
    .sort()
    .map((name) => {
      const stats = lstatSync(join(tree, name));
      if (stats.isSymbolicLink()) return `${name} -> ${readlinkSync(join(tree, name))}`;
      const kind = stats.isDirectory() ? 'folder' : stats.isFile() ? 'file' : 'other';
      return `${name} ${kind} ${(stats.mode & 0o7777).toString(8)}`;
    });
}

describe.each(who)('as %s, a tarball', (as) => {
  can('with names, links and hard links that lead out of it has nothing out of it', async () => {
    const tree = await unpack(
      as,
      writeTar(nextImage(), [
        { name: '/etc/absolute', text: 'absolute' },
        { name: 'usr/up', type: 'link', to: '../../../../../../..' },
        { name: 'usr/out', type: 'link', to: product.folder },
        { name: 'opt', type: 'link', to: '/opt' },
        { name: 'var', type: 'link', to: '/var' },
        { name: 'usr/twisted', type: 'link', to: `out/../..${product.folder}/secret` },
      ]),
    );
    expect(listTree(tree).filter((entry) => entry.includes(' file '))).toEqual(['etc/absolute file 755']);
    // They would show this machine's own folders.
    expect(listTree(tree)).not.toContainEqual(expect.stringMatching(/^(opt|var) /));
    for (const entry of listTree(tree)) {
      const [name = '', target] = entry.split(' -> ');
      if (target === undefined) continue;
      expect(target.startsWith('/'), entry).toBe(false);
      const path = join(tree, name);
      // It leads nowhere, or to something of the image.
      if (existsSync(path)) expect(realpathOf(path).startsWith(realpathOf(tree)), entry).toBe(true);
    }
    expect(readFileSync(secret, 'utf8')).toBe('secret\n');
  });

  can('with a name that leads out of it is refused', async () => {
    const image = writeTar(nextImage(), [{ name: '../../outside', text: 'outside' }]);
    await expectRefused(as, image, /tar says "tar: ..\/..\/outside: Member name contains '..'"/);
  });

  can('that writes through its own link is refused, and writes nothing there', async () => {
    const image = writeTar(nextImage(), [
      { name: 'out', type: 'link', to: product.folder },
      { name: 'out/through', text: 'through' },
    ]);
    await expectRefused(as, image, /tar says "tar: out\/through: Cannot open/);
    expect(existsSync(join(product.folder, 'through'))).toBe(false);
  });

  can('with a hard link to a file of this machine is refused', async () => {
    await expectRefused(
      as,
      writeTar(nextImage(), [{ name: 'passwd', type: 'hardlink', to: '../../../../../etc/passwd' }]),
      /tar says ".*(Cannot hard link|No such file).*"/,
    );
  });

  can(
    'with devices, pipes, set-user-ID programs and other owners has only plain files of the user',
    async () => {
      const image = writeTar(nextImage(), [
        { name: 'dev/sda', type: 'device', mode: 0o666 },
        { name: 'usr/pipe', type: 'fifo', mode: 0o666 },
        { name: 'usr/su', mode: 0o6755, text: 'su' },
        { name: 'usr/dark', mode: 0, text: 'dark' },
        { name: 'usr/shared', type: 'folder', mode: 0o3777 },
        { name: 'usr/closed', type: 'folder', mode: 0 },
        { name: 'usr/closed/file', text: 'file' },
      ]);
      const tree = await unpack(as, image);
      const entries = listTree(tree);
      expect(entries).toEqual([
        'dev folder 755',
        'usr folder 755',
        'usr/closed folder 700',
        'usr/closed/file file 755',
        'usr/dark file 400',
        'usr/shared folder 755',
        'usr/su file 755',
      ]);
      const owner = isRoot && as === 'user' ? NOBODY : (process.geteuid?.() ?? 0);
      expect(statSync(join(tree, 'usr/su')).uid).toBe(owner);
    },
  );

  can('with holes of terabytes is refused', async () => {
    const tarOf = (sizes: readonly number[]): string => {
      const source = mkdtempSync(join(folder, 'sparse-'));
      for (const [at, size] of sizes.entries()) {
        writeFileSync(join(source, `hole-${at}`), '');
        truncateSync(join(source, `hole-${at}`), size);
      }
      const image = nextImage();
      execFileSync('tar', ['-S', '-C', source, '-cf', image, '.']);
      return image;
    };
    await expectRefused(as, tarOf([2 ** 40]), /it has a file of more than 32 GiB/);
    await expectRefused(
      as,
      tarOf([30, 30, 30].map((gib) => gib * 2 ** 30)),
      /more than 64 GiB, holes included/,
    );
  });
});

describe('an image that is', () => {
  const as = who.at(-1) ?? 'user';
  const makeFull = (form: 'erofs' | 'squashfs' | 'tar.xz'): string => {
    const source = mkdtempSync(join(folder, 'full-'));
    for (let at = 0; at < 50; at += 1)
      writeFileSync(join(source, `file-${at}`), `${Math.random()}`.repeat(20_000));
    return makeImage(form, source, nextImage());
  };

  for (const form of ['erofs', 'squashfs', 'tar.xz'] as const)
    can(`a ${form} cut in half is refused`, async () => {
      const image = makeFull(form);
      truncateSync(image, Math.floor(statSync(image).size / 2));
      await expectRefused(as, image, /(fsck\.erofs|unsquashfs|tar) says "/);
    });

  for (const form of ['squashfs', 'tar.xz'] as const)
    can(`a ${form} with damage in its middle is refused`, async () => {
      const image = makeFull(form);
      const bytes = readFileSync(image);
      bytes.fill(0x5a, Math.floor(bytes.length / 3), Math.floor(bytes.length / 2));
      writeFileSync(image, bytes);
      await expectRefused(as, image, /(unsquashfs|tar) says "/);
    });

  can('a squashfs or EROFS with device nodes and pipes has neither', async () => {
    const source = mkdtempSync(join(folder, 'nodes-'));
    writeFileSync(join(source, 'file'), 'file');
    const squashfs = nextImage();
    const nodes = ['-p', 'null c 666 0 0 1 3', '-p', 'sda b 660 0 0 8 0'];
    execFileSync('mksquashfs', [source, squashfs, '-quiet', '-no-progress', ...nodes], { stdio: 'ignore' });
    execFileSync('mkfifo', [join(source, 'pipe')]);
    // Only root can make nodes for mkfs.erofs to find.
    if (isRoot) execFileSync('mknod', [join(source, 'null'), 'c', '1', '3']);
    const erofs = makeImage('erofs', source, nextImage());
    for (const user of who)
      for (const image of [squashfs, erofs])
        expect(listTree(await unpack(user, image))).toEqual(['file file 644']);
  });

  can('nothing behind its magic is refused', async () => {
    const image = nextImage();
    const bytes = Buffer.alloc(8192);
    bytes.writeUInt32LE(0xe0f5e1e2, 1024);
    writeFileSync(image, bytes);
    await expectRefused(as, image, /fsck\.erofs says "/);
    const squashfs = nextImage();
    writeFileSync(squashfs, Buffer.concat([Buffer.from('hsqs'), Buffer.alloc(8192)]));
    await expectRefused(as, squashfs, /unsquashfs says "/);
  });

  can('an EROFS whose names lead out of it writes nothing out of it', async () => {
    const source = mkdtempSync(join(folder, 'names-'));
    mkdirSync(join(source, 'a'));
    writeFileSync(join(source, 'a/xxAxxAxxAxxApwned'), 'pwned');
    const image = nextImage();
    execFileSync('mkfs.erofs', ['--quiet', '-Enosbcrc', image, source]);
    const bytes = readFileSync(image);
    const at = bytes.indexOf('xxAxxAxxAxxApwned');
    expect(at).toBeGreaterThan(0);
    bytes.write('../../../../pwned', at, 'latin1');
    writeFileSync(image, bytes);
    const run = await check(as, image);
    expect([0, 2]).toContain(run.status);
    for (const place of [product.folder, product.home(as), join(product.home(as), 'roots'), '/', tmpdir()])
      expect(existsSync(join(place, 'pwned')), place).toBe(false);
  });
});

describe('a bomb', () => {
  /** Unpacks by the function that the product calls, with limits that a test reaches. */
  async function unpackWithin(
    kind: ImageKind,
    image: string,
    limits: Partial<SandboxLimits>,
  ): Promise<string> {
    const place = mkdtempSync(join(folder, 'draft-'));
    chmodSync(place, 0o755);
    const { sandbox } = await createWorld();
    const own = { ...UNPACKING_LIMITS, ...limits };
    return await unpackImage({ image, kind, folder: place, sandbox, limits: own });
  }

  can('of zeros is stopped at the limit of disk', async () => {
    const source = mkdtempSync(join(folder, 'zeros-'));
    writeFileSync(join(source, 'zeros'), Buffer.alloc(64 * 2 ** 20));
    const image = makeImage('squashfs', source, nextImage());
    expect(statSync(image).size).toBeLessThan(2 ** 20);
    await expect(unpackWithin('squashfs', image, { disk: 8 * 2 ** 20 })).rejects.toThrow(
      /it exceeds the limit disk of 8 MiB/,
    );
  });

  can('of files is stopped at the limit of files', async () => {
    const image = nextImage();
    execFileSync('python3', [
      '-c',
      'import sys, tarfile\nwith tarfile.open(sys.argv[1], "w") as tar:\n  for at in range(20000): tar.addfile(tarfile.TarInfo(f"f{at}"))',
      image,
    ]);
    await expect(unpackWithin('tar', image, { files: 500 })).rejects.toThrow(
      /it exceeds the limit files of 500/,
    );
  });

  can('of folders in folders is refused, and can be removed', async () => {
    const tree = mkdtempSync(join(folder, 'deep-'));
    execFileSync('python3', [
      '-c',
      'import os, sys\nos.chdir(sys.argv[1])\nfor _ in range(60):\n  os.mkdir("d" * 200)\n  os.chdir("d" * 200)',
      tree,
    ]);
    await expect(makeHarmless(tree)).rejects.toThrow(/folders that are too deep/);
    execFileSync('rm', ['-rf', tree]);
  });

  can('of links in links is refused', async () => {
    const tree = mkdtempSync(join(folder, 'links-'));
    const through = `${'./'.repeat(2000)}`;
    for (let at = 0; at < 60; at += 1) symlinkSync(`${through}l${at + 1}`, join(tree, `l${at}`));
    for (let at = 0; at < 1000; at += 1) symlinkSync('l0', join(tree, `m${at}`));
    await expect(makeHarmless(tree)).rejects.toThrow(/its links lead through too many other links/);
    rmSync(tree, { recursive: true });
  });
});

const realpathOf = (path: string): string => execFileSync('realpath', [path], { encoding: 'utf8' }).trim();
