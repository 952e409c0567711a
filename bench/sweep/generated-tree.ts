import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SweepLine } from '../../server/src/sweep/journal.ts';
import { makeRandom } from '../random.ts';

/** An ebuild of a tree that looks like Gentoo's, with the duration of its last trial. */
export interface TreeEbuild {
  readonly file: string;
  /** `category/name`. */
  readonly package: string;
  readonly needs: readonly string[];
  /** In milliseconds. */
  readonly duration: number;
}

/** The number of ebuilds of Gentoo's own repository, roughly. */
export const EBUILDS = 30_000;
const CATEGORIES = 170;
/** The name of the repository. */
const REPOSITORY = 'generated';

/**
 * Describes a tree, the same in every run. A few packages are needed by nearly all others, some packages need each other, and durations are
 * spread as those of builds are: half of the trials take less than a minute, and one in a thousand takes hours.
 */
export function describeTree(count = EBUILDS): readonly TreeEbuild[] {
  const random = makeRandom(1);
  const ebuilds: TreeEbuild[] = [];
  for (let number = 0; ebuilds.length < count; number++) {
    const name = nameOf(number);
    const usual = Math.exp(gauss(random) * 1.4 + Math.log(55_000));
    const versions = 1 + Math.floor(-Math.log(1 - random()) * 1.1);
    const base = chooseNeeds(number, 2 + Math.floor(random() * 9), random);
    for (let version = 1; version <= versions && ebuilds.length < count; version++) {
      // Another version has now and then one dependency more.
      const needs = random() < 0.2 ? [...base, ...chooseNeeds(number, 1, random)] : base;
      const duration = Math.min(6 * 3_600_000, Math.round(usual * (0.8 + 0.4 * random())));
      ebuilds.push({ file: `${name}/package${number}-${version}.ebuild`, package: name, needs, duration });
    }
  }
  return ebuilds;
}

const nameOf = (number: number) => `cat-${number % CATEGORIES}/package${number}`;

/** Mostly the packages with small numbers, so that these are needed by many; one in fifty has a larger number, which may make a circle. */
function chooseNeeds(number: number, count: number, random: () => number): string[] {
  const chosen = Array.from({ length: count }, () => {
    const among = random() < 0.02 ? number + 500 : number;
    return nameOf(Math.floor(among * random() ** 3));
  });
  return [...new Set(chosen)].filter((name) => name !== nameOf(number));
}

function gauss(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** Writes the ebuilds of a tree with their entries in the md5-cache. @param repository an absolute path that is created */
export function writeTree(repository: string, ebuilds: readonly TreeEbuild[]): void {
  const write = (path: string, text: string): void => {
    const file = join(repository, path);
    try {
      writeFileSync(file, text);
    } catch {
      mkdirSync(join(file, '..'), { recursive: true });
      writeFileSync(file, text);
    }
  };
  write('profiles/repo_name', `${REPOSITORY}\n`);
  write('metadata/layout.conf', 'masters =\n');
  for (const { file, needs } of ebuilds) {
    const [category = '', , name = ''] = file.split('/');
    write(file, 'EAPI=8\nSLOT=0\n');
    write(`metadata/md5-cache/${category}/${name.slice(0, -'.ebuild'.length)}`, cacheEntry(needs));
  }
}

function cacheEntry(needs: readonly string[]): string {
  const atoms = needs.map((name, at) => `>=${name}-1.${at}:=`).join(' ');
  return [
    'BDEPEND=virtual/pkgconfig test? ( dev-util/bats )',
    'DEFINED_PHASES=compile configure install prepare test',
    `DEPEND=${atoms} doc? ( app-text/doxygen[dot] )`,
    'DESCRIPTION=A package that does a thing, described in about as many words as in a real ebuild',
    'EAPI=8',
    'HOMEPAGE=https://example.org/',
    'IUSE=+ssl doc test',
    'KEYWORDS=~amd64 ~arm64',
    'LICENSE=MIT',
    `RDEPEND=${atoms} ssl? ( dev-libs/openssl:= )`,
    'SLOT=0',
    'SRC_URI=https://example.org/archive.tar.gz',
    '_md5_=d41d8cd98f00b204e9800998ecf8427e',
    '',
  ].join('\n');
}

/** The line of an ebuild in a journal. About every other has a finding, with evidence as long as that of real ones. */
export function lineFor({ file, package: name, duration }: TreeEbuild, at: number): SweepLine {
  const findings = at % 2 === 0 ? [] : [makeFinding(at)];
  return {
    file,
    repository: REPOSITORY,
    package: name,
    duration,
    time: '2026-01-01T00:00:00.000Z',
    maintainers: [`maintainer${at % 900}@example.org`],
    eclasses: [`eclass${at % 240}`, 'toolchain-funcs'],
    outcome: 'passed',
    failure: null,
    judged: true,
    findings,
    identities: findings.map(({ code }) => `${code}\nfault\ndev-libs/lib${at % 500}`),
    silenced: 0,
    log: '',
    storedAt: null,
  };
}

function makeFinding(at: number) {
  const codes = ['missing-depend', 'missing-bdepend', 'automagic', 'transitive', 'unused'] as const;
  return {
    code: codes[at % codes.length] ?? 'unused',
    severity: at % 5 === 4 ? ('hint' as const) : ('error' as const),
    message: `Add dev-libs/lib${at % 500} to DEPEND: the build fails without it, and passes with it.`,
    evidence: Array.from({ length: 8 }, (_, place) => ({
      phase: 'compile',
      program: '/usr/libexec/gcc/x86_64-pc-linux-gnu/13/cc1',
      chain: ['src_compile', 'emake', 'make', 'gcc', 'cc1'],
      operation: 'read',
      path: `/usr/include/lib${at % 500}/header${place}.h`,
      result: 'denied',
      count: 1,
    })),
  };
}
