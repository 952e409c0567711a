import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { openProduct, type Product } from '../support/product.ts';
import { requireOrSkip } from '../support/requirement.ts';
import { type As, isLong, who } from '../support/user.ts';
import { missingForTrials } from '../support/world.ts';

/** Every example: what its defective version lacks, and the lines that mend it. */
const EXAMPLES = [
  {
    name: 'media-gfx/pngcrush/pngcrush-1.8.13',
    codes: ['missing-depend', 'missing-rdepend'],
    before: 'RDEPEND="\n\tsys-libs/zlib:=\n"',
    after: 'RDEPEND="\n\tmedia-libs/libpng:=\n\tsys-libs/zlib:=\n"',
  },
  {
    name: 'app-arch/advancecomp/advancecomp-2.1',
    codes: ['missing-bdepend'],
    before: 'BDEPEND="\n\tdev-build/autoconf\n',
    after: 'BDEPEND="\n\tdev-build/autoconf\n\tdev-build/automake\n',
  },
  {
    name: 'media-gfx/pngdims/pngdims-1.0',
    codes: ['missing-rdepend'],
    before: '\nDEPEND="media-libs/libpng:="\n',
    after: '\nRDEPEND="media-libs/libpng:="\nDEPEND="media-libs/libpng:="\n',
  },
  {
    name: 'media-gfx/pngtext/pngtext-1.0',
    // dev-build/meson brings pkg-config.
    codes: ['transitive'],
    before: 'DEPEND="${RDEPEND}"\n',
    after: 'DEPEND="${RDEPEND}"\nBDEPEND="virtual/pkgconfig"\n',
  },
] as const;

/** Examples that are tried as one user with one package manager. */
interface Share {
  readonly as: As;
  readonly packageManager: 'portage' | 'pkgcore';
  readonly examples: readonly number[];
}

/**
 * Chosen so that, in the long tests and together with what is mended below, every package manager and every user has built with every build system: make, autotools,
 * cmake and meson.
 */
const RIGHT: readonly Share[] = [
  { as: 'root', packageManager: 'portage', examples: [0, 2, 3] },
  ...(isLong
    ? [
        { as: 'user', packageManager: 'pkgcore', examples: [0, 2] } as const,
        { as: 'root', packageManager: 'pkgcore', examples: [1] } as const,
      ]
    : []),
];

/** The defective ones take several builds each; each package manager and user has its share. */
const MENDED: readonly Share[] = [
  // autotools takes as long as the others together.
  { as: 'user', packageManager: 'portage', examples: isLong ? [0, 1, 2, 3] : [0, 2, 3] },
  { as: 'root', packageManager: 'pkgcore', examples: [3] },
];

let product: Product;
beforeAll(async () => {
  product = await openProduct();
});
afterAll(() => product.remove());

for (const { as, packageManager, examples } of RIGHT.filter((share) => who.includes(share.as))) {
  describe(`as ${as} with ${packageManager}`, () => {
    const test = requireOrSkip(missingForTrials(packageManager));
    test('those that are right give no finding', async () => {
      const overlay = product.copyOf('examples');
      const files = examples.map((index) => join(overlay, `${EXAMPLES[index]?.name}.ebuild`));
      const options = ['--jobs', '2', '--format', 'json', '--package-manager', packageManager];
      const { status, stdout, complaints } = await product.run(as, ['trial', ...files, ...options]);
      expect(complaints).toEqual([]);
      // One file gives its report, and several a list.
      const reports = [JSON.parse(stdout)].flat() as {
        file: string;
        outcome: string;
        findings: unknown[];
        gaps: unknown[];
        packageManager: string;
      }[];
      expect(reports.map(({ file, outcome, findings, gaps }) => [file, outcome, findings, gaps])).toEqual(
        files.map((file) => [file, 'passed', [], []]),
      );
      expect(status).toBe(0);
      for (const report of reports) {
        expect(report.packageManager).toMatch(new RegExp(`^${packageManager} `));
      }
      expect(product.trials(as)).toEqual([]);
    }, 600_000);
  });
}

for (const { as, packageManager, examples } of MENDED.filter((share) => who.includes(share.as))) {
  describe(`as ${as} with ${packageManager}`, () => {
    const test = requireOrSkip(missingForTrials(packageManager));
    for (const { name, codes, before, after } of examples.map(
      (index) => EXAMPLES[index] as (typeof EXAMPLES)[number],
    )) {
      test(`${name}-r1 is found wanting, mended and verified`, async () => {
        const overlay = product.copyOf('examples');
        if (as === 'user') execFileSync('chown', ['-R', '--reference', product.home(as), overlay]);
        const file = join(overlay, `${name}-r1.ebuild`);
        const original = readFileSync(file, 'utf8');
        const args = [
          'trial',
          file,
          '--fix',
          '--verify',
          '--format',
          'json',
          '--package-manager',
          packageManager,
        ];
        const { status, stdout } = await product.run(as, args);
        const report = JSON.parse(stdout);
        expect(report.findings.map((finding: { code: string }) => finding.code).sort()).toEqual([...codes]);
        expect(original).toContain(before);
        expect(readFileSync(file, 'utf8')).toBe(original.replace(before, after));
        expect([report.verification.outcome, report.verification.findings, status]).toEqual([
          'passed',
          [],
          0,
        ]);
        expect(product.trials(as)).toEqual([]);
      }, 600_000);
    }
  });
}
