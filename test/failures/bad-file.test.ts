import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe } from 'vitest';
import { missingForTrials, openProduct, type Product } from '../support/product.ts';
import { requireOrSkip } from '../support/requirement.ts';
import { mostly, who } from '../support/user.ts';
import { expectOneSentence, tinyEbuild } from './tiny-ebuild.ts';

const can = requireOrSkip(missingForTrials);

describe('a bad file', () => {
  let product: Product;
  let repository: string;
  beforeAll(async () => {
    if (missingForTrials !== undefined) return;
    product = await openProduct();
    const tiny = 'dev-test/tiny/tiny';
    repository = product.repository('bad-files', {
      [`${tiny}-1.ebuild`]: tinyEbuild(''),
      [`${tiny}-2.ebuild`]: Uint8Array.from({ length: 4096 }, (_, i) => (i * 131 + 7) % 256),
      [`${tiny}-3.ebuild`]: `${tinyEbuild('')}\0`,
      [`${tiny}-4.ebuild`]: tinyEbuild('src_test() { if; }'),
      [`${tiny}-5.ebuild`]: tinyEbuild('', { eapi: '99' }),
      [`${tiny}-6.ebuild`]: tinyEbuild('', { head: 'inherit no-such-thing' }),
      [`${tiny}-7.ebuild`]: tinyEbuild('', { head: 'SRC_URI="https://example.org/no-such-file-1.tar.gz"' }),
      [`${tiny}-8.ebuild`]: tinyEbuild('', { head: 'exit 3' }),
      [`${tiny}-10.ebuild`]: tinyEbuild('', { head: `die $'\\e[2J\\e]0;title\\abad'` }),
      [`${tiny}-one.ebuild`]: tinyEbuild(''),
      'dev-test/tiny/Manifest': `DIST no-such-file-1.tar.gz 1 BLAKE2B ${'0'.repeat(128)} SHA512 ${'0'.repeat(128)}\n`,
      'dev-test/tiny/other-1.ebuild': tinyEbuild(''),
      'dev-test/tiny/tiny-1.txt': tinyEbuild(''),
    });
    mkdirSync(join(repository, 'dev-test/folder/folder-1.ebuild'), { recursive: true });
    symlinkSync('nowhere', join(repository, 'dev-test/tiny/tiny-11.ebuild'));
    mkdirSync(join(product.folder, 'loose/dev-test/tiny'), { recursive: true });
    writeFileSync(join(product.folder, 'loose/dev-test/tiny/tiny-1.ebuild'), tinyEbuild(''));
  });
  afterAll(() => product?.remove());

  const tiny = (name: string) => `dev-test/tiny/${name}`;
  const both = [
    ['missing', tiny('tiny-100.ebuild'), /tiny-100\.ebuild does not exist: name an ebuild file\.$/],
    ['a dangling link', tiny('tiny-11.ebuild'), /tiny-11\.ebuild does not exist: name an ebuild file\.$/],
    ['a folder', 'dev-test/folder/folder-1.ebuild', /folder-1\.ebuild is a folder: name an ebuild file\.$/],
    ['no ebuild', tiny('tiny-1.txt'), /tiny-1\.txt is not an ebuild: its name must end in \.ebuild\.$/],
    [
      'in no repository',
      '../loose/dev-test/tiny/tiny-1.ebuild',
      /is not in a repository: .* put the ebuild in REPOSITORY/,
    ],
    ['of another package', tiny('other-1.ebuild'), /misnamed: .* must be called tiny-VERSION\.ebuild\.$/],
    [
      'without a version',
      tiny('tiny-one.ebuild'),
      /misnamed: "one" is not a version; name it tiny-VERSION\.ebuild/,
    ],
    ['binary', tiny('tiny-2.ebuild'), /tiny-2\.ebuild is not UTF-8 text: name an ebuild file\.$/],
    ['with a NUL byte', tiny('tiny-3.ebuild'), /tiny-3\.ebuild is not UTF-8 text/],
  ] as const;
  for (const as of mostly('user')) {
    for (const [what, path, sentence] of both) {
      can(`${what}, as ${as}`, async () => {
        const run = await product.run(as, ['trial', join(repository, path)]);
        expectOneSentence(product, as, run, sentence);
      });
    }
  }

  const managers = ['portage', 'pkgcore'] as const;
  const evaluated = [
    [
      'a syntax error',
      tiny('tiny-4.ebuild'),
      {
        portage: /portage cannot evaluate tiny-4\.ebuild: .*: line \d+: syntax error near .* fix the ebuild/,
        pkgcore: /pkgcore cannot evaluate tiny-4\.ebuild: error sourcing ebuild; fix the ebuild/,
      },
    ],
    ['an unknown EAPI', tiny('tiny-5.ebuild'), /tiny-5\.ebuild: EAPI "99" is not known; fix the ebuild/],
    [
      'a missing eclass',
      tiny('tiny-6.ebuild'),
      // In the practice root, which has only a few eclasses, the ebuild is not to blame.
      /(?:tiny-6\.ebuild: .*no-such-thing\.eclass.*; fix the ebuild|no no-such-thing\.eclass, so the ebuild cannot be tried here)/,
    ],
    [
      'a missing distfile',
      tiny('tiny-7.ebuild'),
      /no-such-file-1\.tar\.gz is missing in .*: fetch it first with "ebuild FILE fetch", because a trial never uses the network\.$/,
    ],
    ['exit in global scope', tiny('tiny-8.ebuild'), /cannot evaluate tiny-8\.ebuild: .*; fix the ebuild/],
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that none is left is what is tested
    ['terminal escapes in die', tiny('tiny-10.ebuild'), /^[^\u0000-\u001f]*cannot evaluate tiny-10\.ebuild/],
  ] as const;
  for (const [index, [what, path, sentence]] of evaluated.entries()) {
    for (const manager of managers) {
      // These two test our own messages, which are the same for both.
      if (manager === 'pkgcore' && (what === 'terminal escapes in die' || what === 'exit in global scope'))
        continue;
      // Evaluation takes seconds and does not depend on the user: each user gets half.
      const as = who[index % who.length] ?? 'user';
      can(`${what}, with ${manager} as ${as}`, async () => {
        const run = await product.run(as, ['trial', '--package-manager', manager, join(repository, path)]);
        expectOneSentence(product, as, run, sentence instanceof RegExp ? sentence : sentence[manager]);
      });
    }
  }
});
