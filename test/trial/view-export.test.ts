/** What a trial sees, as a list and as an image that has the same bytes on every machine. */
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { removeTree } from '../../server/src/files/remove-tree.ts';
import { practiceRoot } from '../../server/src/package-manager/home.ts';
import { tinyEbuild } from '../failures/tiny-ebuild.ts';
import { missingForImages } from '../support/images.ts';
import { missingForTrials, openProduct, type Product, type Run } from '../support/product.ts';
import { requireOrSkip } from '../support/requirement.ts';
import { copySmallRoot } from '../support/small-root.ts';
import { type As, isRoot, who } from '../support/user.ts';

const missing = missingForTrials ?? missingForImages;
const can = requireOrSkip(missing);
const LONG = 240_000;
const first: As = who[0] ?? 'user';
const last: As = who.at(-1) ?? 'user';

/** An image as the command describes it. */
interface Described {
  readonly image: { readonly sha256: string; readonly size: number };
  readonly verity: { readonly rootHash: string };
  readonly record: string | null;
  readonly unreadable: readonly string[];
  readonly visible: readonly { readonly id: string }[];
}

let product: Product;
let ebuild: string;
/** A part of the practice root, because images take time by their size; and a copy of it with other times, in another order, with another owner, and without hard links. */
let root: string;
let copy: string;

function inFolder(folder: string, command: string): void {
  execFileSync('bash', ['-c', `set -o pipefail; cd '${folder}' && ${command}`]);
}

beforeAll(async () => {
  if (missing !== undefined) return;
  product = await openProduct();
  const text = tinyEbuild('', { head: '' }).replace('KEYWORDS', 'DEPEND="media-libs/libpng"\nKEYWORDS');
  const repository = product.repository('views', { 'dev-test/sees-png/sees-png-1.ebuild': text });
  ebuild = join(repository, 'dev-test/sees-png/sees-png-1.ebuild');
  root = join(product.folder, 'small-root');
  copy = join(product.folder, 'another/place/root');
  copySmallRoot(practiceRoot(product.home(first)), root, 'compiler');
  mkdirSync(copy, { recursive: true });
  const backwards = 'find . -print0 | sort -rz | tar --no-recursion --null -T - --hard-dereference -cf -';
  inFolder(root, `ln usr/include/png.h usr/include/png-link.h && ${backwards} | tar -C '${copy}' -xpmf -`);
}, LONG);
afterAll(() => product?.remove());

const folderOf = (as: As, name: string): string => {
  const folder = join(product.folder, `out-${as}-${name}`);
  mkdirSync(folder);
  chmodSync(folder, 0o777);
  return folder;
};

async function exportView(
  as: As,
  from: string,
  name: string,
): Promise<{ path: string; is: Described; run: Run }> {
  const path = join(folderOf(as, name), 'view.erofs');
  const run = await product.run(as, ['view', ebuild, '--root', from, '--export', path]);
  expect(run.status, run.stderr).toBe(0);
  return { path, is: JSON.parse(readFileSync(`${path}.json`, 'utf8')) as Described, run };
}

const identity = ({ is }: { readonly is: Described }) => [is.image, is.verity.rootHash];

/** The paths of a folder, except folders, as find(1) lists them. */
const LIST =
  'cd "$1" && find bin sbin lib lib64 usr etc opt var/db/pkg var/lib/portage ! -type d 2>/dev/null | LC_ALL=C sort';

describe('view', () => {
  can(
    'lists the visible packages with the reason of each',
    async () => {
      const { stdout, status } = await product.run(last, ['view', ebuild, '--root', root]);
      expect(status).toBe(0);
      const [head = '', ...lines] = stdout.trim().split('\n');
      expect(head).toMatch(
        /^A trial of dev-test\/sees-png-1 in .* sees \d+ packages; \d+ installed ones are hidden\.$/,
      );
      expect(lines).toContainEqual(
        expect.stringMatching(/^ {2}media-libs\/libpng-\S+ +declared by the ebuild$/),
      );
      expect(lines).toContainEqual(
        expect.stringMatching(/^ {2}virtual\/zlib-|sys-libs\/zlib-\S+ +needed by a package of DEPEND$/),
      );
      expect(stdout).not.toContain('dev-build/cmake');
      const json = JSON.parse(
        (await product.run(last, ['view', ebuild, '--root', root, '--format', 'json'])).stdout,
      );
      expect(json.visible).toHaveLength(lines.length);
      expect(json.hidden).toBeGreaterThan(10);
    },
    LONG,
  );

  can(
    'writes the same image of another copy, by another user, a second time',
    async () => {
      const once = await exportView(first, root, 'once');
      const again = await exportView(last, copy, 'again');
      expect(identity(again)).toEqual(identity(once));
      expect(execFileSync('sha256sum', [once.path], { encoding: 'utf8' })).toContain(once.is.image.sha256);
      for (const said of [
        once.is.image.sha256,
        once.is.verity.rootHash,
        String(once.is.image.size),
        once.path,
      ])
        expect(once.run.stdout).toContain(said);
      // It stands on its own: nothing but the root hash must be known.
      execFileSync('veritysetup', ['verify', once.path, `${once.path}.verity`, once.is.verity.rootHash]);
      const bytes = readFileSync(again.path);
      bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
      writeFileSync(again.path, bytes);
      expect(() =>
        execFileSync(
          'veritysetup',
          ['verify', again.path, `${again.path}.verity`, again.is.verity.rootHash],
          {
            stdio: 'ignore',
          },
        ),
      ).toThrow();

      // Exactly what a command sees in the view of the build.
      const extracted = join(product.folder, 'extracted');
      execFileSync('fsck.erofs', ['--no-preserve', `--extract=${extracted}`, once.path], { stdio: 'ignore' });
      const seen = await product.run(first, [
        'shell',
        '--root',
        root,
        ebuild,
        '--',
        'bash',
        '-c',
        LIST,
        'list',
        '/',
      ]);
      const inImage = execFileSync('bash', ['-c', LIST, 'list', extracted], { encoding: 'utf8' });
      expect(inImage).toBe(seen.stdout);
      expect(inImage).toContain('usr/include/png.h\n');
      expect(inImage).not.toContain('jansson.h');
      expect(existsSync(join(root, 'usr/include/jansson.h'))).toBe(true);
      await removeTree(extracted);
    },
    LONG,
  );

  can(
    'writes another image if a visible byte is another, and the same if a hidden one is',
    async () => {
      const before = await exportView(last, copy, 'before');
      writeFileSync(join(copy, 'usr/include/jansson.h'), '/* Another one. */\n');
      expect(identity(await exportView(last, copy, 'hidden'))).toEqual(identity(before));
      const header = join(copy, 'usr/include/zlib.h');
      const text = readFileSync(header);
      text[0] = 0x20;
      writeFileSync(header, text);
      const after = await exportView(last, copy, 'visible');
      expect(after.is.image.size).toBe(before.is.image.size);
      expect(after.is.image.sha256).not.toBe(before.is.image.sha256);
      expect(after.is.verity.rootHash).not.toBe(before.is.verity.rootHash);
    },
    LONG,
  );

  can(
    'is named by the record of the trial that saw it',
    async () => {
      const trial = async () =>
        JSON.parse(
          (await product.run(first, ['trial', '--quick', '--format', 'json', '--root', root, ebuild])).stdout,
        );
      expect((await trial()).view).toBeNull();
      const { is, run } = await exportView(first, root, 'recorded');
      expect(is.record).toMatch(/\.record$/);
      expect(run.stdout).toContain(is.record ?? '-');
      expect(existsSync(join(product.home(first), 'records', is.record ?? ''))).toBe(true);
      const { storedAt, view } = await trial();
      expect(storedAt).not.toBeNull();
      expect(view).toEqual({ image: is.image.sha256, rootHash: is.verity.rootHash });
    },
    LONG,
  );

  can(
    'leaves out what the user of a build cannot read, and says so',
    async () => {
      // An ordinary user builds with its own rights, and can read its own files.
      if (!isRoot) return;
      writeFileSync(join(copy, 'etc/secret'), 'of nobody else\n', { mode: 0o600 });
      const { is, path } = await exportView('root', copy, 'secret');
      expect(is.unreadable).toContain('/etc/secret');
      expect(readFileSync(path).includes('of nobody else')).toBe(false);
    },
    LONG,
  );

  can('says at once that the image cannot be written', async () => {
    const { status, complaints } = await product.run(last, [
      'view',
      ebuild,
      '--export',
      '/nowhere/view.erofs',
    ]);
    expect(status).toBe(2);
    expect(complaints).toEqual([
      'ebuild-audit: /nowhere/view.erofs cannot be written (ENOENT): name a file in a folder that you may write to.',
    ]);
  });
});
