import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The number of ebuilds that {@link writeOverlay} writes, which is that of GURU. */
export const EBUILDS = 3600;
const CATEGORIES = 60;

/**
 * Writes an overlay without masters. Its ebuilds have three shapes in turn and are about as long as real ones. One in
 * twenty misspells a package.
 *
 * @param repository an absolute path that is created
 */
export function writeOverlay(repository: string): void {
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
  write('eclass/build.eclass', 'IUSE="debug"\nBDEPEND="cat-0/package0"\nbuild_src_compile() {\n\temake\n}\n');
  write('eclass/fetch.eclass', 'BDEPEND="cat-1/package1"\n');
  for (let index = 0; index < EBUILDS; index++) {
    const number = Math.floor(index / 2);
    const category = `cat-${number % CATEGORIES}`;
    const file = `${category}/package${number}/package${number}-${1 + (index % 2)}.ebuild`;
    write(file, ebuildText(index));
  }
}

/** The ebuild of this number: a list of crates, a build with phases, or a few lines. */
export function ebuildText(index: number): string {
  const atoms = Array.from(
    { length: 3 + (index % 9) },
    (_, at) => `\t>=cat-${at}/package${at}-1.${index}:=[debug?]\n`,
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
${atoms.join('')}	ssl? ( cat-2/package2:= )
"
DEPEND="\${RDEPEND}"
BDEPEND="cat-3/${index % 20 === 0 ? 'pakage3' : 'package3'}"
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

/** Reads every file below a folder and returns the number of bytes. Nothing that reads an overlay can be faster. */
export function readEverything(folder: string): number {
  let bytes = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) bytes += readEverything(path);
    else if (entry.isFile()) bytes += readFileSync(path).length;
  }
  return bytes;
}
