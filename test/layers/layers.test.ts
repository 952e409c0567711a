/** Trials of ebuilds whose dependencies are not installed, with the built command line, as root and as an ordinary user. */
import { existsSync, readdirSync, readFileSync, rmSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect } from 'vitest';
import { expectNothingLeft, tinyEbuild } from '../failures/tiny-ebuild.ts';
import { missingForTrials, openProduct, type Product, type Run } from '../support/product.ts';
import { requireOrSkip } from '../support/requirement.ts';
import { type As, isLong, mostly, who } from '../support/user.ts';
import { root } from '../support/world.ts';
import { makePackage } from './made-packages.ts';

const can = requireOrSkip(missingForTrials);
/** In milliseconds. */
const TIMEOUT = 120_000;

let product: Product;
let repository: string;
let packages: string;
beforeAll(() => (missingForTrials === undefined ? open() : undefined));
afterAll(() => product?.remove());

const compile = (source: string) => `src_compile() {
	printf '%s\\n' ${source
    .split('\n')
    .map((line) => `'${line}'`)
    .join(' ')} > a.c || die
	gcc a.c -o a || die
}
src_install() { dobin a; }`;

const USES = `${compile('#include <tiny.h>\nint main(void) { return TINY - 1; }')}
src_configure() {
	[[ ! -e /usr/share/tiny/data || -e /usr/lib/x86_64-linux-gnu/tiny-data ]] || die "not behind the link"
	[[ ! -e /lib32 ]] || die "what a link of a layer leads to"
}`;

async function open(): Promise<void> {
  product = await openProduct();
  packages = join(product.folder, 'packages');
  makePackage(packages, {
    id: 'dev-test/tiny-1',
    // /lib is a link of the root, and its pkg-config folder is one that packages share.
    files: {
      '/usr/include/tiny.h': '#define TINY 1\n',
      '/usr/share/tiny/data': 'tiny\n',
      '/lib/x86_64-linux-gnu/tiny-data': 'behind a link of the root\n',
      '/bin': '-> somewhere',
      // No top folder of the root: what it leads to must not be shown.
      '/lib32': '-> /etc',
    },
    rdepend: 'dev-test/below',
  });
  makePackage(packages, {
    id: 'dev-test/below-2',
    files: { '/usr/include/below.h': '#define BELOW 2\n', '/usr/share/tiny/other': 'below\n' },
    format: 'xpak',
  });
  makePackage(packages, {
    id: 'dev-test/settled-1',
    files: { '/usr/share/settled/source': 'kept\n', '/etc/env.d/50settled': 'SETTLED="yes"\n' },
    // As xdg.eclass and gnome2.eclass: the first looks into the image, and the second does what it has noted.
    preinst: `	SOURCES=$(cd "\${ED}" && find usr/share -name source -type f)
	echo "by preinst" > "\${ED}"/usr/share/settled/added || die`,
    postinst: `	local file
	for file in \${SOURCES}; do cp "\${EROOT}/\${file}" "\${EROOT}/\${file%/*}/cache" || die; done
	rm -f "\${EROOT}"/etc/hosts`,
  });
  makePackage(packages, {
    id: 'acct-user/keeper-0',
    files: {
      '/usr/lib/sysusers.d/acct-user-keeper.conf':
        "u\tkeeper\t2931:keepers\t'Keeps a thing'\t/dev/null\t-\nm\tkeeper\tusers\n",
    },
    rdepend: 'acct-group/keepers',
  });
  makePackage(packages, {
    id: 'acct-group/keepers-0',
    files: { '/usr/lib/sysusers.d/acct-group-keepers.conf': 'g\tkeepers\t2932\n' },
  });
  makePackage(packages, {
    id: 'dev-test/failing-1',
    files: { '/usr/share/failing/data': 'data\n' },
    postinst: '\techo 1 > /proc/sys/kernel/panic || die "no"',
  });
  makePackage(packages, {
    id: 'media-libs/giflib-99',
    files: { '/usr/include/gif_lib.h': '#define GIFLIB_MAJOR 99\n' },
    slot: '0/99',
  });
  makePackage(packages, { id: 'dev-test/flags-1', files: { '/usr/include/flags.h': '\n' }, iuse: 'ssl' });
  makePackage(packages, {
    id: 'dev-test/other-1',
    files: { '/usr/include/other.h': '\n' },
    keywords: 'sparc',
  });
  makePackage(packages, {
    id: 'dev-test/open-1',
    files: { '/usr/include/open.h': '\n' },
    rdepend: 'dev-test/nowhere',
  });
  // Cut before its metadata.
  const torn = makePackage(packages, { id: 'dev-test/torn-1', files: { '/usr/include/torn.h': '\n' } });
  truncateSync(torn, 1000);
  const absent = ['torn', 'tiny', 'below', 'settled', 'failing', 'flags', 'other', 'open', 'nowhere'];
  repository = product.repository(
    'layered',
    {
      'dev-test/uses/uses-1.ebuild': tinyEbuild(USES, { head: 'DEPEND="dev-test/tiny"' }),
      'dev-test/hides/hides-1.ebuild': tinyEbuild(USES, {
        head: 'DEPEND="dev-test/below"\nRDEPEND="dev-test/tiny"',
      }),
      'dev-test/runs/runs-1.ebuild': tinyEbuild(USES, { head: 'BDEPEND="dev-test/tiny"' }),
      'dev-test/caches/caches-1.ebuild': tinyEbuild(
        `src_compile() {
	grep kept /usr/share/settled/cache && [[ -e /etc/hosts ]] && grep SETTLED /etc/profile.env || die
	grep 'by preinst' /usr/share/settled/added || die
}`,
        { head: 'DEPEND="dev-test/settled"' },
      ),
      'dev-test/kept/kept-1.ebuild': tinyEbuild(
        `src_install() {
	[[ $(getent passwd keeper) == 'keeper:x:2931:2932:Keeps a thing:/dev/null:/sbin/nologin' ]] || die "$(getent passwd keeper)"
	[[ $(getent group users) == *keeper ]] || die "$(getent group users)"
	keepdir /var/lib/kept
	fowners keeper:keepers /var/lib/kept
}`,
        { head: 'BDEPEND="acct-user/keeper"\nRDEPEND="acct-user/keeper"' },
      ),
      'dev-test/fails/fails-1.ebuild': tinyEbuild('src_compile() { cp /usr/share/failing/data . || die; }', {
        head: 'DEPEND="dev-test/failing"',
      }),
      'dev-test/newer/newer-1.ebuild': tinyEbuild(
        `${compile('#include <gif_lib.h>\nint main(void) { return GIFLIB_MAJOR - 99; }')}
src_prepare() {
	default
	[[ ! -e /usr/lib/x86_64-linux-gnu/libgif.so ]] || die "a file of the replaced giflib"
	has_version '>=media-libs/giflib-99' && ! has_version '<media-libs/giflib-99' || die
}`,
        { head: 'DEPEND=">=media-libs/giflib-99"\nBDEPEND="virtual/pkgconfig"' },
      ),
      'dev-test/lacks/lacks-1.ebuild': tinyEbuild('', {
        head: 'DEPEND="dev-test/nowhere >=dev-test/tiny-2 dev-test/flags[ssl] dev-test/other dev-test/torn"',
      }),
      'dev-test/partly/partly-1.ebuild': tinyEbuild(USES, {
        head: 'DEPEND="dev-test/tiny"\nRDEPEND="dev-test/nowhere"',
      }),
      'dev-test/deep/deep-1.ebuild': tinyEbuild('', { head: 'RDEPEND="dev-test/open"' }),
    },
    ['acct-user/keeper', 'acct-group/keepers', ...absent.map((name) => `dev-test/${name}`)],
  );
}

const fileOf = (name: string) => join(repository, `dev-test/${name}/${name}-1.ebuild`);

function trial(as: As, name: string, ...words: readonly string[]): Promise<Run> {
  return product.run(as, ['trial', fileOf(name), '--quick', '--pkgdir', packages, ...words]);
}

/** Every file of the root's VDB and of its configuration, with sizes and times. */
function stateOfRoot(): readonly string[] {
  return ['var/db/pkg', 'etc/portage'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8', withFileTypes: true }).map(
      (entry) =>
        `${entry.parentPath}/${entry.name} ${entry.isFile() ? readFileSync(join(entry.parentPath, entry.name)).length : ''}`,
    ),
  );
}

for (const as of mostly('user')) {
  can(
    `an ebuild builds with binary packages for what is not installed, and nothing is merged, as ${as}`,
    async () => {
      const before = stateOfRoot();
      const run = await trial(as, 'uses');
      expect(run.complaints).toEqual([]);
      expect(run.stdout).toContain(
        'clean: The build used only declared packages. dev-test/below-2 and 1 other came from binary packages.',
      );
      expect(run.status).toBe(0);
      expectNothingLeft(product, as);
      expect(stateOfRoot()).toEqual(before);
      expect(existsSync(join(root, 'usr/include/tiny.h'))).toBe(false);
      expect(readdirSync(join(product.home(as), 'layers/work'))).toEqual([]);

      const again = await trial(as, 'uses');
      expect(again.stdout).toContain('(Result of the trial');
      expect(again.status).toBe(0);
    },
    TIMEOUT,
  );
}

can(
  'a new binary package makes a stored record out of date',
  async () => {
    const own = join(product.folder, 'own');
    const make = (value: number) =>
      makePackage(own, {
        id: 'dev-test/tiny-1',
        files: { '/usr/include/tiny.h': `#define TINY ${value}\n` },
      });
    make(1);
    const words = ['trial', fileOf('uses'), '--quick', '--pkgdir', own];
    const first = await product.run('user', words);
    expect(first.complaints).toEqual([]);
    expect(first.status).toBe(0);
    rmSync(own, { recursive: true });
    make(5);
    const again = await product.run('user', words);
    expect(again.complaints).toEqual([]);
    expect(again.stderr).toContain('taking in dev-test/tiny-1');
    expect(again.stdout).not.toContain('(Result of the trial');
  },
  TIMEOUT,
);

can(
  'an undeclared binary package is hidden, and one that only runs cannot be built against',
  async () => {
    const hides = await trial('user', 'hides');
    expect(hides.stdout).toMatch(/error\[missing-depend\]: .*dev-test\/tiny/);
    const runs = await trial('user', 'runs');
    expect(runs.stdout).toMatch(/error\[missing-depend\]|warning\[misplaced\]/);
    expect(runs.stdout).toContain('dev-test/tiny');
  },
  TIMEOUT,
);

can(
  'the scripts of binary packages run in the view, and only in the view',
  async () => {
    const caches = await trial('root', 'caches');
    expect(caches.stdout).toContain('clean');
    expect(existsSync(join(root, 'usr/share/settled'))).toBe(false);
    const fails = await trial('user', 'fails');
    expect(fails.stdout).toContain('pkg_postinst of dev-test/failing-1 failed for the binary packages');
    expect(fails.status).toBe(0);
  },
  TIMEOUT,
);

can(
  'users and groups of binary packages are there for fowners, and not on the machine',
  async () => {
    for (const as of who) {
      const run = await trial(as, 'kept');
      expect([run.status, run.complaints]).toEqual([0, []]);
      expect(run.stdout).toContain('clean');
    }
    expect(readFileSync(join(root, 'etc/passwd'), 'utf8')).not.toContain('keeper');
  },
  TIMEOUT,
);

can(
  'a binary package replaces the installed version of its slot',
  async () => {
    const run = await trial('user', 'newer');
    expect(run.complaints).toEqual([]);
    expect(run.stdout).not.toContain('error[');
    expect(run.stdout).not.toContain('failed');
  },
  TIMEOUT,
);

can(
  'a finding says why no binary package serves',
  async () => {
    const run = await trial('user', 'lacks');
    expect(run.stdout).toMatch(/dev-test\/nowhere of DEPEND, and there is no binary package of it/);
    expect(run.stdout).toMatch(
      />=dev-test\/tiny-2 of DEPEND, and of binary packages there is only dev-test\/tiny-1/,
    );
    expect(run.stdout).toMatch(
      /dev-test\/flags\[ssl\] of DEPEND, and the binary package dev-test\/flags-1 was built with USE=""/,
    );
    expect(run.stdout).toMatch(
      /dev-test\/other of DEPEND, and the binary package dev-test\/other-1 is masked by/,
    );
    expect(run.stdout).toMatch(
      /dev-test\/torn of DEPEND, and there is no binary package of it, and \S+torn-1-1.gpkg.tar cannot be read and is passed over \(\w.*\w\)\./,
    );
    expect(run.stdout.match(/torn-1-1.gpkg.tar/g)).toHaveLength(1);
    const partly = await trial('user', 'partly');
    expect(partly.stdout).toMatch(/dev-test\/nowhere of RDEPEND, and there is no binary package of it\./);
    expect(partly.stdout).toContain('1 finding. dev-test/below-2 and 1 other came from binary packages.');
    const deep = await trial('user', 'deep');
    expect(deep.stdout).toMatch(
      /dev-test\/open-1 needs dev-test\/nowhere, and there is no binary package of it/,
    );
  },
  TIMEOUT,
);

(isLong ? can : () => {})(
  'pkgcore builds with binary packages, which Portage chooses',
  async () => {
    const run = await trial('user', 'uses', '--package-manager', 'pkgcore');
    expect(run.complaints).toEqual([]);
    expect(run.stdout).toContain('clean');
  },
  TIMEOUT,
);

can(
  'the other commands that build use binary packages too',
  async () => {
    const shell = await product.run('user', [
      'shell',
      fileOf('uses'),
      '--pkgdir',
      packages,
      '--',
      'cat',
      '/usr/include/tiny.h',
    ]);
    expect(shell.stdout).toContain('#define TINY 1');
    const view = await product.run('user', ['view', fileOf('uses'), '--pkgdir', packages]);
    expect(view.stdout).toMatch(/dev-test\/tiny-1/);
    const runtime = await product.run('user', ['runtime', fileOf('uses'), '--pkgdir', packages, '--', 'a']);
    expect(runtime.status).toBe(0);
    const without = await product.run('user', ['runtime', fileOf('uses'), '--', 'a']);
    expect(without.stderr).toContain('No installed package satisfies dev-test/tiny of DEPEND');
    expect(without.status).toBe(2);
    expectNothingLeft(product, 'user');
  },
  TIMEOUT,
);

can(
  'two trials at once make a layer once, and one that is killed leaves nothing behind',
  async () => {
    const own = join(product.folder, 'own-shared');
    makePackage(own, {
      id: 'dev-test/tiny-1',
      files: { '/usr/include/tiny.h': '#define TINY 1\n', '/usr/share/tiny/large': 'x'.repeat(5_000_000) },
    });
    const words = ['trial', fileOf('uses'), '--quick', '--fresh', '--pkgdir', own];
    const killed = product.start('user', words);
    await killed.said('taking in dev-test/tiny-1');
    killed.child.kill('SIGKILL');
    await killed.done;
    const layers = join(product.home('user'), 'layers/packages');
    const before = existsSync(layers) ? readdirSync(layers).length : 0;
    const both = await Promise.all([product.run('user', words), product.run('user', words)]);
    for (const run of both) {
      expect(run.complaints).toEqual([]);
      expect(run.status).toBe(0);
    }
    expect(readdirSync(layers).length).toBe(before + 1);
    expect(readdirSync(join(product.home('user'), 'layers/work'))).toEqual([]);
  },
  TIMEOUT,
);

can(
  'a chain of new ebuilds is tried in the order of its dependencies, each with the packages before it',
  async () => {
    const install = `src_install() {
	echo '#define BOTTOM 1' > bottom.h || die
	insinto /usr/include
	doins bottom.h
}`;
    const chain = product.repository(
      'chained',
      {
        'dev-test/top/top-1.ebuild': tinyEbuild(
          compile('#include <bottom.h>\nint main(void) { return BOTTOM - 1; }'),
          { head: 'DEPEND="dev-test/bottom"' },
        ),
        'dev-test/bottom/bottom-1.ebuild': tinyEbuild(install),
      },
      ['dev-test/bottom'],
    );
    const files = ['top', 'bottom'].map((name) => join(chain, `dev-test/${name}/${name}-1.ebuild`));
    const run = await product.run('user', [
      'trial',
      ...files,
      '--quick',
      `--buildpkg=${join(product.home('user'), 'chain')}`,
    ]);
    expect(run.complaints).toEqual([]);
    expect(run.stdout.match(/^Binary package: .*/gm)).toHaveLength(2);
    expect(run.stdout).not.toContain('not-installed');
    expect(run.status).toBe(0);
  },
  TIMEOUT,
);
