import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { applyEdits } from '../../server/src/ebuild/text-edit.ts';
import { missingForTrials, openProduct, type Product } from '../support/product.ts';
import { requireOrSkip } from '../support/requirement.ts';
import { mostly } from '../support/user.ts';

const can = requireOrSkip(missingForTrials);

/** Loads libpng by name, like a plug-in; with an argument it works without libpng. */
const VIEWER = `#include <dlfcn.h>
#include <stdio.h>
int main(int count, char **words)
{
	(void)words;
	if (dlopen("libpng16.so.16", RTLD_NOW)) return puts("shown") < 0;
	fprintf(stderr, "error: %s\\n", dlerror());
	return count > 1 ? 0 : 3;
}
`;

const SCRIPT = `#!/bin/sh
echo "modules: $(pkg-config --version || exit 1)" && pkg-config --version
`;

const ebuild = (rdepend: string) => `EAPI=8

DESCRIPTION="Loads a library by name"
HOMEPAGE="https://example.org/"
S="\${WORKDIR}"

LICENSE="MIT"
SLOT="0"
KEYWORDS="~amd64"

RDEPEND="${rdepend}"

src_compile() {
	gcc "\${FILESDIR}"/viewer.c -o viewer || die
}

src_install() {
	dobin viewer "\${FILESDIR}"/modules
	insinto /usr/share/viewer
	doins "\${FILESDIR}"/viewer.c
	dosym viewer /usr/bin/view
}
`;

/** A package of nothing but links to a program of a package that it does not declare. */
const LINKS = `${ebuild('').replace(/src_compile[\s\S]*/, '')}
src_install() {
	dosym /usr/bin/ninja /usr/bin/by-path
	dosym ninja /usr/bin/by-name
	dosym by-path /usr/bin/by-link
	dosym /proc/self/root/usr/bin/ninja /usr/bin/by-process
	dosym /usr/bin /usr/share/by-folder
	dosym /usr/bin/by-link /opt/links/by-own-folder
	dosym /usr/lib/../bin/ninja /usr/libexec/by-way
	printf '#!/usr/bin/by-name\n' > by-script || die
	dobin by-script
}
`;
const LINKED = [
  'by-path --version',
  'by-name --version',
  'by-link --version',
  'by-process --version',
  '/usr/share/by-folder/ninja --version',
  '/opt/links/by-own-folder --version',
  '/usr/libexec/by-way --version',
  'by-script --version',
];

let product: Product;
let repository: string;
beforeAll(async () => {
  if (missingForTrials !== undefined) return;
  product = await openProduct();
  repository = product.repository(
    'runtime',
    {
      'dev-test/viewer/viewer-1.ebuild': ebuild(''),
      'dev-test/viewer/viewer-2.ebuild': ebuild('\n\tmedia-libs/libpng\n'),
      'dev-test/viewer/files/viewer.c': VIEWER,
      'dev-test/viewer/files/modules': SCRIPT,
      'dev-test/links/links-1.ebuild': LINKS,
      'dev-test/viewer/viewer-3.ebuild': `${ebuild('')}\nBDEPEND="dev-build/absent-tool"\n`,
    },
    ['dev-build/absent-tool'],
  );
});
afterAll(() => product?.remove());

const users = mostly('root');
describe.each(users)('a command with what was installed, as %s', (as) => {
  const run = (version: number, ...words: string[]) =>
    product.run(as, ['runtime', join(repository, `dev-test/viewer/viewer-${version}.ebuild`), ...words]);
  const report = async (version: number, ...words: string[]) => {
    const { stdout, status, stderr } = await run(version, '--format', 'json', ...words);
    expect(stdout, stderr).toMatch(/^\{/);
    return { exit: status, ...JSON.parse(stdout) };
  };

  can(
    'a library that it cannot do without is missing in RDEPEND, and the edit makes it run',
    async () => {
      const missing = await run(1, '--', 'view');
      expect(missing.stderr).not.toMatch(/^ebuild-audit/m);
      expect(missing.stdout).toContain('error[missing-rdepend]');
      expect(missing.stdout).toMatch(
        /the command › view tried to read \/\S+libpng16\.so\.16(\.\d+)*, which was hidden/,
      );
      expect(missing.stdout).toContain(
        'The command ended with 3, and succeeds with the missing package visible.',
      );
      expect(missing.status).toBe(1);

      const { findings } = await report(1, '--', 'viewer');
      expect(findings).toHaveLength(1);
      const file = join(repository, 'dev-test/viewer/viewer-1.ebuild');
      const before = readFileSync(file, 'utf8');
      writeFileSync(file, applyEdits(before, findings[0].fix.edits));
      try {
        expect(readFileSync(file, 'utf8')).toBe(ebuild('media-libs/libpng'));
        const mended = await report(1, '--', 'viewer');
        expect(mended).toMatchObject({
          exit: 0,
          status: 0,
          findings: [],
          doneWithout: [],
          output: 'shown\n',
        });
      } finally {
        writeFileSync(file, before);
      }
    },
    300_000,
  );

  can(
    'a build-time dependency that is not installed is said before anything is built',
    async () => {
      const { status, complaints, stdout } = await run(3, '--', 'viewer');
      expect([status, stdout]).toEqual([2, '']);
      expect(complaints).toContain(
        'ebuild-audit: No installed package satisfies dev-build/absent-tool of BDEPEND, so the ebuild cannot be built: install one with "emerge --oneshot \'dev-build/absent-tool\'" and try again.',
      );
    },
    60_000,
  );

  can(
    'the log of the last run is found under the name of the ebuild',
    async () => {
      await run(1, '--', 'viewer', 'again');
      const log = readFileSync(join(product.home(as), 'logs/dev-test-viewer-1.log'), 'utf8');
      expect(log).toContain('=== viewer again');
    },
    240_000,
  );

  can(
    'what it does without is told, and is no finding',
    async () => {
      const { exit, doneWithout, findings } = await report(1, '--', 'viewer', 'again');
      expect({ exit, findings }).toEqual({ exit: 0, findings: [] });
      expect(doneWithout.map(({ atom }: { atom: string }) => atom)).toEqual(['media-libs/libpng']);
    },
    240_000,
  );

  can(
    'a library that is loaded by name and declared is told of, and a folder of the machine can be shown',
    async () => {
      const files = join(repository, 'dev-test/viewer/files');
      const words = `viewer && cmp /usr/share/viewer/viewer.c ${files}/viewer.c`;
      const { exit, loaded } = await report(2, '--show', files, '--', 'sh', '-c', words);
      expect(exit).toBe(0);
      expect(loaded).toMatchObject([{ atom: 'media-libs/libpng', licence: 'declared' }]);
      expect(loaded[0].evidence[0].path).toMatch(/libpng16/);
    },
    240_000,
  );

  can(
    'a program that a script runs is missing in RDEPEND',
    async () => {
      const { exit, findings } = await report(2, '--', 'modules');
      expect(exit).toBe(1);
      expect(
        findings.map(({ code, fix }: { code: string; fix: { title: string } }) => [code, fix.title]),
      ).toEqual([['missing-rdepend', 'Add virtual/pkgconfig to RDEPEND']]);
    },
    240_000,
  );

  // Which links there are does not depend on the user.
  (as === users[0] ? can : () => {})(
    'a link of the image does not show what the view hides, and its end is missing in RDEPEND',
    async () => {
      const file = join(repository, 'dev-test/links/links-1.ebuild');
      for (const command of LINKED) {
        const { stdout, status } = await product.run(as, ['runtime', file, '--', 'sh', '-c', command]);
        expect(stdout, command).toMatch(/error\[missing-rdepend\].* dev-build\/ninja/);
        expect(status).toBe(1);
      }
    },
    240_000,
  );

  can(
    'a command that fails for another reason is no verdict, and one that is not there is said to be missing',
    async () => {
      const failing = await run(2, '--', 'sh', '-c', 'echo wrong argument; exit 9');
      expect(failing.status).toBe(2);
      expect(failing.stdout).toContain('| wrong argument');
      expect(failing.stdout).toContain('The command ended with 9');
      const covering = await run(2, '--show', '/usr', '--', 'viewer');
      expect(covering.status).toBe(2);
      expect(covering.complaints).toEqual([
        expect.stringMatching(/^ebuild-audit: --show cannot cover \/usr, which is part of the view: /),
      ]);
      const absent = await run(2, '--', 'no-such-program');
      expect(absent.status).toBe(2);
      expect(absent.stdout).toContain('no-such-program');
    },
    240_000,
  );
});
