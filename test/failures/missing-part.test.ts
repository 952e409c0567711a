import { chmodSync, chownSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { makeHome, missingForTrials, openProduct, type Product } from '../support/product.ts';
import { requireOrSkip } from '../support/requirement.ts';
import { mostly } from '../support/user.ts';
import { expectOneSentence, tinyEbuild } from './tiny-ebuild.ts';

const can = requireOrSkip(missingForTrials);

let product: Product;
let ebuild: string;
let steps: string;
beforeAll(async () => {
  if (missingForTrials !== undefined) return;
  product = await openProduct();
  const name = 'dev-test/tiny/tiny-1.ebuild';
  const inSteps = 'dev-test/steps/steps-1.ebuild';
  const repository = product.repository('missing-parts', {
    [name]: tinyEbuild(''),
    [inSteps]: tinyEbuild(
      'src_configure() { echo configured > state; }\nsrc_compile() { grep -q configured state || die; }',
    ),
  });
  ebuild = join(repository, name);
  steps = join(repository, inSteps);
});
afterAll(() => product?.remove());

describe.each(mostly('root'))('what is missing on the machine, as %s', (as) => {
  can('a package manager', async () => {
    const empty = makeHome(join(product.folder, `no-managers-${as}`), as, ['root']);
    for (const [manager, atom] of [
      ['portage', 'sys-apps/portage'],
      ['pkgcore', 'sys-apps/pkgcore'],
    ] as const) {
      const run = await product.run(as, ['trial', '--package-manager', manager, ebuild], {
        environment: { EBUILD_AUDIT_HOME: empty },
      });
      expectOneSentence(
        product,
        as,
        run,
        new RegExp(
          `There is no ${manager}.* run "ebuild-audit set-up", or on Gentoo "emerge ${atom}"\\.$`,
          'i',
        ),
      );
    }
  });

  can('Gentoo', async () => {
    const root = join(product.folder, `plain-root-${as}`);
    mkdirSync(join(root, 'usr'), { recursive: true });
    const sentence =
      /plain-root-\w+ is not a Gentoo system: .*plain-root-\w+\/var\/db\/pkg has no packages; choose a root with --root/;
    expectOneSentence(product, as, await product.run(as, ['trial', '--root', root, ebuild]), sentence);
    mkdirSync(join(root, 'var/db/pkg'), { recursive: true });
    expectOneSentence(product, as, await product.run(as, ['trial', '--root', root, ebuild]), sentence);
    const nowhere = await product.run(as, ['trial', '--root', `${root}/nowhere`, ebuild]);
    expectOneSentence(product, as, nowhere, /The root .*nowhere does not exist: check --root/);
  });

  can('user namespaces', async () => {
    const script = 'echo 0 > /proc/sys/user/max_user_namespaces && exec "$@"';
    // Root of a namespace with one user is an ordinary user, so both have the same restrictions of the kernel.
    const run = await product.run(as, ['trial', ebuild], {
      wrap: ['unshare', '-Ur', 'sh', '-c', script, 'sh'],
    });
    expectOneSentence(product, as, run, /does not let an ordinary user make user namespaces: check "sysctl/);
  });

  can(
    'layers for builds, in a user namespace within another one: it builds in one run and says why',
    async () => {
      const home = makeHome(join(product.folder, `on-overlay-${as}`), as);
      // The state folder lies on an overlay, as in a container, and the kernel takes no overlay as the upper layer of another one.
      const script = `cd "$EBUILD_AUDIT_HOME" && mkdir layers && cd layers && mkdir lower upper work &&
      mount -t overlay -o lowerdir=lower,upperdir=upper,workdir=work overlay . && cd "$PWD" && mkdir state &&
      for name in package-managers root distfiles; do ln -s "$EBUILD_AUDIT_HOME/$name" state/; done &&
      EBUILD_AUDIT_HOME=$PWD/state && export EBUILD_AUDIT_HOME && exec unshare -Urm "$@"`;
      const run = await product.run(as, ['trial', '--quick', steps], {
        environment: { EBUILD_AUDIT_HOME: home },
        wrap: ['unshare', '-Urm', 'sh', '-c', script, 'sh'],
      });
      expect(run.complaints).toEqual([]);
      expect(run.stdout).toMatch(/clean: The build used only declared packages/);
      const logs = join(home, 'layers/upper/state/logs');
      const log = readFileSync(join(logs, readdirSync(logs).sort()[0] ?? ''), 'utf8');
      expect(log).toMatch(
        /^=== A build cannot be kept in layers at \S+ \(E\w+\): keep the state folder on .*\. Building again in one run\.$/m,
      );
      expect(log).toMatch(/^=== trial build$/m);
    },
  );

  can('bubblewrap', async () => {
    const tools = join(product.folder, 'no-tools');
    mkdirSync(tools, { recursive: true });
    const absent = await product.run(as, ['trial', ebuild], { environment: { PATH: tools } });
    expectOneSentence(
      product,
      as,
      absent,
      /bubblewrap is not installed: run "apt install bubblewrap" .* or "emerge sys-apps\/bubblewrap"/,
    );
    const wrong = await product.run(as, ['trial', '--bwrap', `${tools}/bwrap`, ebuild]);
    expectOneSentence(
      product,
      as,
      wrong,
      /The bubblewrap program .*no-tools\/bwrap does not exist: check --bwrap/,
    );
  });

  can('a state folder that can be written', async () => {
    const inFile = await product.run(as, ['trial', ebuild], {
      environment: { EBUILD_AUDIT_HOME: `${ebuild}/home` },
    });
    expectOneSentence(
      product,
      as,
      inFile,
      /state folder cannot be made .*: set EBUILD_AUDIT_HOME to a folder/,
    );
    if (as === 'root') return;
    // Owned by the tests' own user, with a mode that allows nobody to write.
    const readOnly = makeHome(join(product.folder, 'read-only'), 'user');
    chownSync(readOnly, process.geteuid?.() ?? 0, process.getegid?.() ?? 0);
    chmodSync(readOnly, 0o555);
    const refused = await product.run(as, ['trial', ebuild], {
      environment: { EBUILD_AUDIT_HOME: readOnly },
    });
    expectOneSentence(product, as, refused, /cannot be written: set EBUILD_AUDIT_HOME to a folder/);
    chmodSync(readOnly, 0o755);
  });
});
