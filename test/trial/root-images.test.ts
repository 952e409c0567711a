/** Roots that are images: unpacked once, and then a folder like any other. */
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { practiceRoot } from '../../server/src/package-manager/home.ts';
import { tinyEbuild } from '../failures/tiny-ebuild.ts';
import { type ImageForm, makeImage, missingForImages } from '../support/images.ts';
import { missingForTrials, openProduct, type Product, type Run } from '../support/product.ts';
import { requireOrSkip } from '../support/requirement.ts';
import { copySmallRoot } from '../support/small-root.ts';
import { type As, isLong, isRoot, who } from '../support/user.ts';

const missing = missingForTrials ?? missingForImages;
const can = requireOrSkip(missing);
const LONG = 240_000;
const anyone: As = who.at(-1) ?? 'user';
const UNPACKED = /is unpacked into the state folder, once/;

let product: Product;
let ebuild: string;
let images: string;
/** The folder of which images are made: in the long tests the practice root, else what is needed of it. */
let root: string;
/** The findings in a folder. */
let expected: unknown;

/** An ebuild that uses libpng and does not say so. */
const USES_PNG = tinyEbuild(`
src_compile() {
	echo '#include <png.h>' > main.c || die
	echo 'int main(void) { return png_access_version_number() == 0; }' >> main.c || die
	gcc -o demo main.c -lpng || die
}
src_install() { dobin demo; }`);

const trial = (as: As, root: string): Promise<Run> =>
  product.run(as, ['trial', '--quick', '--format', 'json', '--root', root, ebuild]);

function findingsOf({ stdout, stderr }: Run): unknown {
  expect(stdout, stderr).not.toBe('');
  const { outcome, findings } = JSON.parse(stdout);
  return { outcome, findings };
}

const rootsOf = (as: As): string[] => {
  const folder = join(product.home(as), 'roots');
  return existsSync(folder) ? readdirSync(folder).filter((name) => name !== 'digests') : [];
};

beforeAll(async () => {
  if (missing !== undefined) return;
  product = await openProduct();
  const repository = product.repository('images', { 'dev-test/uses-png/uses-png-1.ebuild': USES_PNG });
  ebuild = join(repository, 'dev-test/uses-png/uses-png-1.ebuild');
  images = join(product.folder, 'made');
  mkdirSync(images);
  const whole = practiceRoot(product.home(anyone));
  root = isLong ? whole : join(product.folder, 'small-root');
  if (!isLong) copySmallRoot(whole, root);
  expected = findingsOf(await trial(anyone, root));
  expect(JSON.stringify(expected)).toContain('media-libs/libpng');
}, LONG);
afterAll(() => product?.remove());

describe('a trial in a root that is', () => {
  const makeOf = (form: ImageForm): string => makeImage(form, `${root}/`, join(images, `root.${form}`));

  for (const [form, as] of [
    ['erofs', anyone],
    ['squashfs', who[0] ?? anyone],
    // Packing and unpacking takes three times as long as the trial; the tests below are of small tarballs.
    ...(isLong ? ([['tar.xz', anyone]] as const) : []),
  ] as const)
    can(
      `${form} finds, as ${as}, what it finds in the folder; the second time nothing is unpacked`,
      async () => {
        const image = makeOf(form);
        const first = await trial(as, image);
        expect(first.complaints.filter((line) => !UNPACKED.test(line))).toEqual([]);
        expect(first.complaints).toHaveLength(1);
        expect(findingsOf(first)).toEqual(expected);
        const second = await product.run(as, ['check', '--format', 'json', '--root', image, ebuild]);
        expect(second.stderr).not.toMatch(UNPACKED);
        // Read again, because its time has changed, and not unpacked again, because its content has not.
        const before = rootsOf(as);
        utimesSync(image, 1, 1);
        await product.run(as, ['check', '--root', image, ebuild]);
        expect(rootsOf(as)).toEqual(before);
        rmSync(image);
      },
      LONG,
    );
});

describe('an unpacked root', () => {
  const small = (name: string, text: string): string => {
    const folder = join(images, name);
    mkdirSync(join(folder, 'var/db/pkg/dev-test/x-1'), { recursive: true });
    writeFileSync(join(folder, 'var/db/pkg/dev-test/x-1/CONTENTS'), text);
    return makeImage('tar', folder, join(images, `${name}.tar`));
  };
  const check = (root: string, as: As = anyone) => product.run(as, ['check', '--root', root, ebuild]);

  can('is another one as soon as the image is', async () => {
    const image = small('changing', 'dir /usr\n');
    await check(image);
    const before = rootsOf(anyone);
    small('changing', 'dir /opt\n');
    expect((await check(image)).stderr).toMatch(UNPACKED);
    expect(rootsOf(anyone)).toHaveLength(before.length + 1);
  });

  can('is unpacked by two commands at once, and is there once', async () => {
    const before = rootsOf(anyone).length;
    const image = small('twice', 'dir /usr/twice\n');
    const runs = await Promise.all([check(image), check(image)]);
    expect(runs.map(({ status }) => status)).toEqual([0, 0]);
    expect(rootsOf(anyone)).toHaveLength(before + 1);
  });

  can(
    'that a killed command has left half finished is removed by the next one',
    async () => {
      const image = makeImage('squashfs', `${root}/`, join(images, 'killed.squashfs'));
      const before = rootsOf(anyone);
      const running = product.start(anyone, ['check', '--root', image, ebuild]);
      const halfDone = () => rootsOf(anyone).filter((name) => name.includes('.'));
      while (halfDone().length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
      running.child.kill('SIGKILL');
      await running.done;
      expect(halfDone()).toHaveLength(1);
      expect((await check(image)).status).toBe(0);
      expect(halfDone()).toEqual([]);
      expect(rootsOf(anyone)).toHaveLength(before.length + 1);
    },
    LONG,
  );

  can('goes with prune, and is unpacked again when it is needed', async () => {
    const image = small('pruned', 'dir /usr/pruned\n');
    await check(image);
    const kept = rootsOf(anyone).length;
    const pruned = await product.run(anyone, ['prune', '--roots', '--all']);
    expect(pruned.stdout).toMatch(new RegExp(`^roots: ${kept} removed, `));
    expect((await check(image)).stderr).toMatch(UNPACKED);
    expect(rootsOf(anyone).filter((name) => !name.startsWith('removed.'))).toHaveLength(1);
    expect((await check(image)).stderr).not.toMatch(UNPACKED);
  });

  can('is none if the user that unpacks for root cannot read the image', async () => {
    if (!isRoot) return;
    const image = small('closed', 'dir /usr/closed\n');
    chmodSync(image, 0o600);
    const { status, complaints } = await check(image, 'root');
    expect(status).toBe(2);
    expect(complaints).toEqual([
      `ebuild-audit: The root ${image} is not readable for the unprivileged user that unpacks it for root: run "chmod o+r ${image}".`,
    ]);
    chmodSync(image, 0o644);
    expect((await check(image, 'root')).status).toBe(0);
  });

  can('is none if the file is no image, and the message says so', async () => {
    const file = join(images, 'text');
    writeFileSync(file, 'no image\n');
    const { status, complaints } = await check(file);
    expect(status).toBe(2);
    expect(complaints).toEqual([
      `ebuild-audit: The root ${file} is neither a folder nor an EROFS or squashfs image nor a tarball: check --root or the setting ebuildAudit.root.`,
    ]);
    expect(statSync(file).isFile()).toBe(true);
  });
});
