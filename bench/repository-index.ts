import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createBashParser } from '../server/src/ebuild/bash-parser.ts';
import { openRepositoryIndex } from '../server/src/repository/index/open-repository-index.ts';
import { type Benchmark, interleave, median, type Row } from './table.ts';

const EBUILDS = 3600;
const CATEGORIES = 60;
const ROUNDS = 5;

/** An overlay as large as GURU, indexed from nothing, opened again, and after one file has changed. */
export const repositoryIndex: Benchmark = {
  name: 'repository-index',
  async run(): Promise<readonly Row[]> {
    const folder = mkdtempSync(join(tmpdir(), 'bench-repository-index-'));
    try {
      return await measure(folder);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

async function measure(folder: string): Promise<readonly Row[]> {
  const repository = join(folder, 'overlay');
  const cacheFolder = join(folder, 'cache');
  writeOverlay(repository);
  const parser = await createBashParser(
    readFileSync('node_modules/web-tree-sitter/web-tree-sitter.wasm'),
    readFileSync('grammars/tree-sitter-bash.wasm'),
  );
  const open = async (cache: string): Promise<number> => {
    const index = openRepositoryIndex({ repository, root: join(folder, 'root'), cacheFolder: cache, parser });
    await index.ready();
    let ebuilds = 0;
    for (const name of index.packageNames()) {
      const [category = '', packageName = ''] = name.split('/');
      ebuilds += index.offered(category, packageName).length;
    }
    index.close();
    if (ebuilds !== EBUILDS) throw new Error(`${ebuilds} ebuilds were found instead of ${EBUILDS}`);
    return ebuilds;
  };
  const changed = join(repository, 'cat-0/package-0/package-0-1.ebuild');
  await open(cacheFolder);
  let round = 0;
  const [reading = [], cold = [], warm = [], one = []] = await interleave(ROUNDS, [
    () => readEverything(repository),
    () => open(join(folder, `cold-${round++}`)),
    () => open(cacheFolder),
    () => {
      writeFileSync(changed, `${ebuildText(0)}# ${round}\n`);
      return open(cacheFolder);
    },
  ]);
  const compared = (times: readonly number[]): NonNullable<Row['compared']> => ({
    with: 'reading the files',
    ratio: median(times) / median(reading),
  });
  const row = (what: string, times: readonly number[], most: number): Row => ({
    what: `repository index, ${EBUILDS} ebuilds: ${what}`,
    figure: `${Math.round(median(times))} ms`,
    compared: compared(times),
    target: { text: `≤ ${most} ms`, met: median(times) <= most },
  });
  const memory = process.memoryUsage.rss() / 2 ** 20;
  return [
    row('from nothing', cold, 1800),
    row('opened again, brought up to date and asked for everything', warm, 100),
    row('opened again after one file has changed', one, 100),
    {
      what: 'repository index: memory of the process after all of these',
      figure: `${Math.round(memory)} MiB`,
      target: { text: '≤ 200 MiB', met: memory <= 200 },
    },
  ];
}

function readEverything(folder: string): number {
  let bytes = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    bytes += entry.isDirectory() ? readEverything(path) : readFileSync(path).length;
  }
  return bytes;
}

function writeOverlay(repository: string): void {
  const write = (path: string, text: string): void => {
    const file = join(repository, path);
    mkdirSync(join(file, '..'), { recursive: true });
    writeFileSync(file, text);
  };
  write('profiles/repo_name', 'overlay\n');
  write('metadata/layout.conf', 'masters =\n');
  const categories = Array.from({ length: CATEGORIES }, (_, index) => `cat-${index}`);
  write('profiles/categories', `${categories.join('\n')}\n`);
  write('profiles/base/make.defaults', 'IUSE_IMPLICIT="prefix"\n');
  write(
    'eclass/build.eclass',
    'IUSE="debug"\nBDEPEND="cat-0/package-0"\nbuild_src_compile() {\n\temake\n}\n',
  );
  write('eclass/fetch.eclass', 'BDEPEND="cat-1/package-1"\n');
  for (let index = 0; index < EBUILDS; index++) {
    const number = Math.floor(index / 2);
    const category = `cat-${number % CATEGORIES}`;
    const file = `${category}/package-${number}/package-${number}-${1 + (index % 2)}.ebuild`;
    write(file, ebuildText(index));
  }
}

/** Three shapes in turn, about as long as real ones: a list of crates, a build with phases, and a few lines. */
function ebuildText(index: number): string {
  const atoms = Array.from(
    { length: 3 + (index % 9) },
    (_, at) => `\t>=cat-${at}/package-${at}-1.${index}:=[debug?]\n`,
  );
  const head = `# Copyright 1999-2026 Gentoo Authors
# Distributed under the terms of the GNU General Public License v2

EAPI=8

inherit build${index % 2 === 0 ? ' fetch' : ''}

DESCRIPTION="A package that does thing number ${index}"
HOMEPAGE="https://example.org/"
SRC_URI="https://example.org/\${P}.tar.gz"
S="\${WORKDIR}/\${P}"

LICENSE="MIT"
SLOT="0/${index % 7}"
KEYWORDS="~amd64 ~arm64"
IUSE="+ssl test"
RESTRICT="!test? ( test )"

RDEPEND="
${atoms.join('')}	ssl? ( cat-2/package-2:0= )
"
DEPEND="\${RDEPEND}"
BDEPEND="virtual/pkgconfig"
`;
  if (index % 3 === 0) return head;
  const crates = Array.from({ length: 60 }, (_, at) => `\tcrate-${at}@1.${index}.${at}\n`).join('');
  const phases = `
src_configure() {
	local emesonargs=(
		$(meson_use ssl)
		$(meson_feature test tests)
	)
	if use ssl; then
		append-cppflags -DWITH_SSL
	fi
	meson_src_configure
}

src_install() {
	default
	insinto /usr/share/\${PN}
	doins -r data/* || die "doins failed"
	for file in *.md; do
		[[ -f \${file} ]] && dodoc "\${file}"
	done
}
`;
  return index % 3 === 1 ? head + phases : `${head}\nCRATES="\n${crates}"\n${phases}`;
}
