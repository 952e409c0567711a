/** `ebuild-audit trial --buildpkg` on tiny ebuilds, and the packages merged by the real Portage. */
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { digestImage } from '../../../server/src/image/image-digest.ts';
import { readImage } from '../../../server/src/image/image-summary.ts';
import { expectNothingLeft, tinyEbuild } from '../../failures/tiny-ebuild.ts';
import { missingForTrials, openProduct, type Product } from '../../support/product.ts';
import { requireOrSkip } from '../../support/requirement.ts';
import { mostly, who } from '../../support/user.ts';
import { merge } from './merge.ts';

const can = requireOrSkip(missingForTrials);
/** In milliseconds. */
const TIMEOUT = 120_000;

/** Uses zlib, which is declared in both variables, so that builds see a text without them. */
const PROGRAM = `src_compile() {
	printf '#include <zlib.h>\\nint main(void) { return zlibVersion()[0] == 0; }\\n' > prog.c || die
	cc \${CFLAGS} prog.c -o prog -lz || die
	printf '.TH prog 1\\n' > prog.1 || die
}
src_install() {
	dobin prog
	dosym prog /usr/bin/other
	use extra && newdoc prog.c extra.c
	doman prog.1
	keepdir /usr/lib/prog
	echo forged > "\${T}/../build-info/EBUILD_AUDIT_IMAGE" || die
	echo forged > "\${T}/../build-info/EBUILD_AUDIT_RECORD" || die
}`;
const HEAD = `IUSE="+extra"
RDEPEND="sys-libs/zlib:="
DEPEND="sys-libs/zlib:="`;
/** The step of src_compile cannot rename a folder of an earlier one. */
const RENAMES = `src_prepare() { default; mkdir folder || die; echo text > folder/file || die; }
src_compile() { python3 -c "import os; os.rename('folder', 'renamed')" || die "rename failed"; }
src_install() { insinto /usr/share/renames; doins renamed/file; }`;
const needs = (name: string, phases = '') => tinyEbuild(phases, { head: `DEPEND="dev-test/${name}"` });

let product: Product;
let repository: string;
beforeAll(async () => {
  if (missingForTrials !== undefined) return;
  product = await openProduct();
  repository = product.repository(
    'packing',
    {
      'dev-test/prog/prog-2.ebuild': tinyEbuild(PROGRAM, { head: HEAD }).replace('SLOT="0"', 'SLOT="2/3"'),
      'dev-test/renames/renames-1-r1.ebuild': tinyEbuild(RENAMES, { head: 'BDEPEND="dev-lang/python"' }),
      'dev-test/lacks/lacks-1.ebuild': tinyEbuild(PROGRAM),
      'dev-test/breaks/breaks-1.ebuild': tinyEbuild('src_compile() { die "It breaks."; }'),
      'dev-test/after/after-1.ebuild': needs('lacks'),
      'dev-test/last/last-1.ebuild': needs('after'),
      'dev-test/one/one-1.ebuild': needs('two'),
      'dev-test/two/two-1.ebuild': needs('one'),
      'dev-test/none/none-1.ebuild': tinyEbuild('src_install() { dodoc /etc/passwd; }'),
    },
    ['lacks', 'after', 'one', 'two'].map((name) => `dev-test/${name}`),
  );
});
afterAll(() => product?.remove());

const ebuild = (id: string) => join(repository, 'dev-test', id.replace(/-\d.*$/, ''), `${id}.ebuild`);
const place = (name: string) => join(product.folder, name);
const packedPath = (stdout: string) => /^Binary package: (.*)$/m.exec(stdout)?.[1];
const [as = 'root'] = who;

function writeKey(name: string): string {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const write = (key: KeyObject, type: 'pkcs8' | 'spki') => key.export({ format: 'pem', type }).toString();
  writeFileSync(place(`${name}.key`), write(privateKey, 'pkcs8'), { mode: 0o644 });
  const keys = [{ name, key: write(publicKey, 'spki') }];
  writeFileSync(place(`${name}.json`), JSON.stringify({ format: 1, level: 'any', keys }));
  return place(`${name}.key`);
}

/** A folder for packages that the user of the command may write to. */
function packageFolder(name: string, user: (typeof who)[number]): string {
  const folder = join(product.home(user), name);
  rmSync(folder, { recursive: true, force: true });
  return folder;
}

describe.each(mostly('user'))('a package that %s writes', (user) => {
  can(
    'is merged by Portage, with the files of the image, the metadata of the ebuild, and the record',
    async () => {
      const file = ebuild('prog-2');
      const folder = packageFolder('mine', user);
      const key = writeKey(`key-of-${user}`);
      const run = await product.run(user, ['trial', file, `--buildpkg=${folder}`, '--key', key]);
      expect([run.status, run.complaints]).toEqual([0, []]);
      expect(packedPath(run.stdout)).toBe(join(folder, 'dev-test/prog/prog-2-1.gpkg.tar'));
      expectNothingLeft(product, user);

      const scratch = mkdtempSync(join(tmpdir(), 'ebuild-audit-merge-'));
      try {
        const merged = await merge(scratch, file, folder, ['=dev-test/prog-2']);
        expect(merged.status, merged.output).toBe(0);
        expect(merged.output).toContain('Emerging binary (1 of 1) dev-test/prog-2::packing');
        const vdb = join(merged.root, 'var/db/pkg/dev-test/prog-2');
        const read = (name: string) => readFileSync(join(vdb, name), 'utf8').trim();
        expect(
          ['USE', 'SLOT', 'IUSE', 'DEPEND', 'repository', 'BUILD_ID', 'DESCRIPTION', 'KEYWORDS'].map(read),
        ).toEqual([
          expect.stringMatching(/\bextra\b/),
          '2/3',
          '+extra',
          expect.stringMatching(/^sys-libs\/zlib:0\/[\w.]+=$/),
          'packing',
          '1',
          'A test',
          '~amd64',
        ]);
        expect(read('RDEPEND')).toMatch(/^sys-libs\/zlib:0\/[\w.]+=( >=sys-libs\/glibc-\S+)?$/);
        expect(read('NEEDED.ELF.2')).toContain('libz.so.1');
        expect(readFileSync(join(vdb, 'prog-2.ebuild'), 'utf8')).toBe(readFileSync(file, 'utf8'));
        const contents = read('CONTENTS').split('\n');
        expect(contents.map((line) => line.split(' ').slice(0, 2).join(' '))).toEqual(
          expect.arrayContaining([
            'obj /usr/bin/prog',
            'sym /usr/bin/other',
            'obj /usr/lib/prog/.keep_dev-test_prog-2',
          ]),
        );
        expect(readlinkSync(join(merged.root, 'usr/bin/other'))).toBe('prog');

        const [image, record] = [read('EBUILD_AUDIT_IMAGE'), readFileSync(join(vdb, 'EBUILD_AUDIT_RECORD'))];
        // What Portage itself has written: the VDB, its caches, and the files of env-update(1).
        for (const own of ['var', 'etc', 'tmp'])
          rmSync(join(merged.root, own), { recursive: true, force: true });
        expect(digestImage(readImage(merged.root))).toBe(image);

        const exported = await product.run(user, ['record', 'export', file, '--key', key]);
        expect(gunzipSync(record).toString().trim()).toBe(exported.stdout.trim());
        const predicate = JSON.parse(
          Buffer.from(JSON.parse(exported.stdout).payload, 'base64').toString(),
        ).predicate;
        expect(predicate.result.images).toEqual([{ use: ['extra'], digest: image }]);
        writeFileSync(place('packed.gz'), record, { mode: 0o644 });
        const policy = place(`key-of-${user}.json`);
        const verified = await product.run(user, ['record', 'verify', place('packed.gz'), '--trust', policy]);
        expect([verified.status, verified.stderr]).toEqual([0, '']);
        expect(verified.stdout).toContain(`dev-test/prog-2::packing by key-of-${user}: `);
        await merged.remove();
      } finally {
        rmSync(scratch, { recursive: true, force: true });
      }
    },
    TIMEOUT,
  );
});

describe('a package', () => {
  can(
    'is written if the stored record answers, from the snapshots or from another build, and never over another one',
    async () => {
      const folder = packageFolder('again', as);
      const trial = ['trial', ebuild('prog-2'), '--quick', `--buildpkg=${folder}`, '--format', 'json'];
      await product.run(as, ['trial', ebuild('prog-2'), '--quick']);
      const first = await product.run(as, trial);
      const built = JSON.parse(first.stdout);
      expect(built).toMatchObject({
        storedAt: expect.any(String),
        binaryPackage: join(folder, 'dev-test/prog/prog-2-1.gpkg.tar'),
      });
      await product.run(as, ['prune', '--all', '--snapshots']);
      const second = await product.run(as, trial);
      expect([second.status, second.complaints]).toEqual([0, []]);
      expect(JSON.parse(second.stdout).binaryPackage).toBe(join(folder, 'dev-test/prog/prog-2-2.gpkg.tar'));
      expect(readdirSync(join(folder, 'dev-test/prog')).sort()).toEqual([
        'prog-2-1.gpkg.tar',
        'prog-2-2.gpkg.tar',
      ]);
    },
    TIMEOUT,
  );

  can(
    'in the state folder replaces the one of the last time',
    async () => {
      const packages = join(product.home(as), 'packages/dev-test/none');
      for (const name of ['none-1-1.gpkg.tar', 'none-1-2.gpkg.tar']) {
        const run = await product.run(as, ['trial', '--buildpkg', ebuild('none-1'), '--fresh']);
        expect([run.status, packedPath(run.stdout)]).toEqual([0, join(packages, name)]);
        expect(readdirSync(packages)).toEqual([name]);
      }
    },
    TIMEOUT,
  );

  can(
    'has the image of a build that was made in one run',
    async () => {
      const folder = packageFolder('renamed', as);
      const file = ebuild('renames-1-r1');
      const run = await product.run(as, ['trial', file, '--quick', `--buildpkg=${folder}`]);
      expect([run.status, run.complaints]).toEqual([0, []]);
      expect(packedPath(run.stdout)).toBe(join(folder, 'dev-test/renames/renames-1-r1-1.gpkg.tar'));
      const scratch = mkdtempSync(join(tmpdir(), 'ebuild-audit-merge-'));
      try {
        const merged = await merge(scratch, file, folder, ['=dev-test/renames-1-r1']);
        expect(merged.status, merged.output).toBe(0);
        expect(readFileSync(join(merged.root, 'usr/share/renames/file'), 'utf8')).toBe('text\n');
        await merged.remove();
      } finally {
        rmSync(scratch, { recursive: true, force: true });
      }
    },
    TIMEOUT,
  );

  can(
    'is not written of what was not verified, by pkgcore, or into a file, and one sentence says why',
    async () => {
      const folder = packageFolder('nothing', as);
      const buildpkg = `--buildpkg=${folder}`;
      writeFileSync(place('file'), '');
      const cases = [
        [
          'lacks-1',
          [buildpkg],
          1,
          /^ebuild-audit: No binary package was written, because the trial found an error \(missing-depend\): /,
        ],
        [
          'breaks-1',
          [buildpkg],
          2,
          /^ebuild-audit: No binary package was written, because the build failed: /,
        ],
        [
          'none-1',
          [buildpkg, '--package-manager', 'pkgcore'],
          2,
          /^ebuild-audit: pkgcore writes no binary packages /,
        ],
        [
          'none-1',
          [`--buildpkg=${place('file')}`],
          2,
          /^ebuild-audit: The folder of binary packages \S+ cannot be written \(EEXIST\): /,
        ],
      ] as const;
      for (const [id, words, status, sentence] of cases) {
        const run = await product.run(as, ['trial', ebuild(id), '--quick', ...words]);
        expect([run.status, run.complaints]).toEqual([status, [expect.stringMatching(sentence)]]);
        expect(run.stdout).not.toContain('Binary package');
      }
      expect(existsSync(folder) ? readdirSync(folder) : []).toEqual([]);
      expectNothingLeft(product, as);
    },
    TIMEOUT,
  );
});

can(
  'several ebuilds are tried after those that they depend on, and not at all if there is no package of one',
  async () => {
    const folder = packageFolder('chain', as);
    mkdirSync(folder);
    const ids = ['last-1', 'two-1', 'after-1', 'none-1', 'one-1', 'lacks-1'];
    const run = await product.run(as, [
      'trial',
      '--quick',
      ...ids.map(ebuild),
      `--buildpkg=${folder}`,
      '--jobs',
      '2',
      '--format',
      'json',
    ]);
    expect(run.status).toBe(2);
    const file = (id: string) => ebuild(id);
    expect(run.complaints).toContain(
      'ebuild-audit: two-1.ebuild and one-1.ebuild depend on each other: they are tried in the order in which they were given.',
    );
    for (const [id, lacking] of [
      ['after-1', 'lacks-1'],
      ['last-1', 'after-1'],
    ] as const)
      expect(run.complaints).toContain(
        `ebuild-audit: ${file(id)} was not tried, because there is no binary package of ${file(lacking)}, which it depends on: fix that first.`,
      );
    const document = JSON.parse(run.stdout) as { file: string; binaryPackage?: string; problem?: string }[];
    expect(document.map(({ file: name }) => name)).toEqual(ids.map(ebuild));
    expect(document[3]?.binaryPackage).toBe(join(folder, 'dev-test/none/none-1-1.gpkg.tar'));
    expect(document.flatMap(({ problem }) => problem ?? [])).toHaveLength(3);
  },
  TIMEOUT,
);
