import { chmodSync, chownSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe } from 'vitest';
import { makeHome, missingForTrials, openProduct, type Product } from '../support/product.ts';
import { requireOrSkip } from '../support/requirement.ts';
import { mostly } from '../support/user.ts';
import { expectOneSentence, tinyEbuild } from './tiny-ebuild.ts';

const can = requireOrSkip(missingForTrials);

let product: Product;
let ebuild: string;
beforeAll(async () => {
  if (missingForTrials !== undefined) return;
  product = await openProduct();
  const name = 'dev-test/tiny/tiny-1.ebuild';
  ebuild = join(product.repository('missing-parts', { [name]: tinyEbuild('') }), name);
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
