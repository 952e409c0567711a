/** Trials of an ebuild in several USE states, run as its users run them. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { missingForTrials, openProduct, type Product } from '../../support/product.ts';
import { requireOrSkip } from '../../support/requirement.ts';
import { managers } from '../../support/user.ts';
import { missingForTrials as missingFor } from '../../support/world.ts';

/** Milliseconds; four or five builds of a second or two, on a busy machine longer. */
const TIMEOUT = 300_000;

const ebuild = (head: string, phases: string) => `EAPI=8
DESCRIPTION="A test"
HOMEPAGE="https://example.org/"
${head}
LICENSE="MIT"
SLOT="0"
KEYWORDS="~amd64"
${phases}`;

/** Links libpng under a flag. Each phase checks that it sees the flags of its own state, although sources are shared with others. */
const FLAGGED = (head: string) =>
  ebuild(
    `SRC_URI="https://example.org/\${P}.tar"\nIUSE="+doc png"\n${head}`,
    `
src_prepare() {
	default
	printf '%s' "$(usev png) $(usev doc)" > flags || die
	[[ -e \${FILESDIR}/note && -e \${DISTDIR}/\${P}.tar ]] || die "a state has no files"
}
src_compile() {
	[[ $(<flags) == "$(usev png) $(usev doc)" ]] || die "the flags have changed"
	if use png; then
		printf '#include <png.h>\\nint main(void) { return png_access_version_number() == 0; }\\n' > demo.c || die
		gcc -o demo demo.c -lpng || die "it does not compile"
	else
		printf 'int main(void) { return 0; }\\n' > demo.c || die
		gcc -o demo demo.c || die
	fi
}
src_install() { dobin demo; }
`,
  );

let product: Product;
beforeAll(async () => {
  if (missingForTrials === undefined) product = await openProduct();
});
afterAll(() => product?.remove());

/** Puts one ebuild into a repository of its own, with its distfile if it has SRC_URI. */
function install(name: string, text: string, absent: readonly string[] = []): string {
  const path = `dev-test/${name}/${name}-1.ebuild`;
  const files: Record<string, string> = { [path]: text, [`dev-test/${name}/files/note`]: 'A note.\n' };
  if (text.includes('SRC_URI')) files[`dev-test/${name}/Manifest`] = makeDistfile(name);
  return join(product.repository(`of-${name}`, files, absent), path);
}

function makeDistfile(name: string): string {
  const work = mkdtempSync(join(tmpdir(), 'ebuild-audit-matrix-'));
  mkdirSync(join(work, `${name}-1`));
  writeFileSync(join(work, `${name}-1/README`), 'A source.\n');
  const distfiles = join(product.home('root'), 'distfiles');
  mkdirSync(distfiles, { recursive: true });
  const file = join(distfiles, `${name}-1.tar`);
  execFileSync('tar', ['-C', work, '-cf', file, `${name}-1`]);
  rmSync(work, { recursive: true });
  const content = readFileSync(file);
  const digest = (algorithm: string) => createHash(algorithm).update(content).digest('hex');
  return `DIST ${name}-1.tar ${content.length} BLAKE2B ${digest('blake2b512')} SHA512 ${digest('sha512')}\n`;
}

interface Report {
  readonly findings: readonly {
    readonly code: string;
    readonly message: string;
    readonly fix?: { readonly title: string };
  }[];
  readonly gaps: readonly string[];
  readonly storedAt: string | null;
}
async function trial(file: string, ...more: string[]) {
  const run = await product.run('root', ['trial', file, '--format', 'json', ...more]);
  expect(run.complaints).toEqual([]);
  return { report: JSON.parse(run.stdout) as Report, states: statesIn(run.stderr) };
}
/** The states named in lines of progress. */
const statesIn = (text: string) => [
  ...new Set([...text.matchAll(/USE="([^"]*)"/g)].map(([, state]) => state)),
];
/** The number of times that builds of an ebuild unpacked the sources. */
const unpackings = (name: string) => {
  const folder = join(product.home('root'), 'logs');
  const logs = readdirSync(folder).filter((log) => log.startsWith(`dev-test-${name}-1.2`));
  return logs
    .map((log) => readFileSync(join(folder, log), 'utf8').split('Source unpacked in').length - 1)
    .reduce((sum, count) => sum + count, 0);
};

describe.each(managers)('with %s', (manager) => {
  const test = requireOrSkip(missingForTrials ?? missingFor(manager));
  const by = ['--quick', '--package-manager', manager];

  test(
    'a dependency of one flag is put under the flag, and the sources are unpacked once for all states',
    async () => {
      const name = `flagged-${manager}`;
      const file = install(name, FLAGGED(''));
      const plain = await trial(file, ...by);
      expect(plain).toMatchObject({ states: [], report: { findings: [] } });
      const { report, states } = await trial(file, '--use-matrix', ...by);
      expect(states).toEqual(['-doc', '-doc png']);
      expect(report.gaps).toEqual([]);
      expect(report.findings.map(({ code, fix }) => [code, fix?.title])).toEqual([
        ['missing-depend', 'Add png? ( media-libs/libpng:= ) to DEPEND'],
        ['missing-rdepend', 'Add png? ( media-libs/libpng:= ) to RDEPEND'],
      ]);
      // Once for the configured state, once for the others.
      if (manager === 'portage') expect(unpackings(name)).toBe(2);

      // The record answers for the same extent and for a smaller one.
      for (const less of [['--use-matrix'], []]) {
        const again = await trial(file, ...less, ...by);
        expect(again.states).toEqual([]);
        expect(again.report.storedAt).not.toBeNull();
        expect(again.report.findings).toEqual(report.findings);
      }
    },
    TIMEOUT,
  );
});

describe('a trial under every USE flag', () => {
  const test = requireOrSkip(missingForTrials);

  test(
    'reports an unconditional dependency that is needed under one flag only',
    async () => {
      const head = 'RDEPEND="media-libs/libpng:="\nDEPEND="${RDEPEND}"';
      const file = install('unconditional', FLAGGED(head));
      const { report } = await trial(file, '--use-matrix');
      expect(report.findings.map(({ code }) => code)).toContain('missing-use-conditional');
    },
    TIMEOUT,
  );

  test(
    'refuses a flag that is not in IUSE before it builds',
    async () => {
      const file = install(
        'unknown',
        ebuild('S="${WORKDIR}"\nIUSE="png"', 'src_compile() { die "built"; }\n'),
      );
      const { status, complaints } = await product.run('root', ['trial', file, '--use-matrix=png,gif']);
      expect(status).toBe(2);
      expect(complaints.join('\n')).toContain('IUSE has no flag gif: name flags of the ebuild');
      expect(complaints.join('\n')).not.toMatch(/compile/);
    },
    TIMEOUT,
  );

  test(
    'goes on if a state lacks a package or a distfile',
    async () => {
      const text = ebuild(
        'SRC_URI="extra? ( https://example.org/nowhere.tar )"\nS="${WORKDIR}"\nIUSE="absent extra png"\nDEPEND="absent? ( dev-libs/nowhere )"\nREQUIRED_USE="png? ( !elibc_glibc )"',
        'src_install() { :; }\n',
      );
      const { report, states } = await trial(
        install('lacking', text, ['dev-libs/nowhere']),
        '--quick',
        '--use-matrix',
      );
      expect(states).toEqual(['absent', 'extra']);
      expect(report.gaps).toEqual([
        'untried USE states that REQUIRED_USE forbids (png)',
        expect.stringMatching(/^USE="extra": nowhere\.tar is missing in /),
      ]);
    },
    TIMEOUT,
  );
});
