/** The number of packages for which {@link packageName} is called. */
export const PACKAGES = 20_000;

/** Names a package. The atoms of the texts name some of them. No name ends like a version, which PMS 3.1.2 forbids. */
export function packageName(index: number): { readonly category: string; readonly name: string } {
  return { category: `dev-c${index % 160}`, name: `package${index}` };
}

/** Adds a list of dependencies and functions to an ebuild until it has this many lines. */
export function lengthenEbuild(text: string, lines: number): string {
  const own = text.trimEnd().split('\n');
  return withFunctions(lines, [...own, '', 'IUSE+=" doc ssl"', 'RDEPEND+="', ...makeAtoms(lines), '"']);
}

/** Makes atoms for three lines of ten. */
function makeAtoms(lines: number): string[] {
  return Array.from({ length: Math.floor(lines * 0.3) }, (_, index) => {
    const { category, name } = packageName(index);
    const atom = `>=${category}/${name}-1.${index % 3}:=[ssl?]`;
    return index % 10 === 0 ? `\tdoc? ( ${atom} )` : `\t${atom}`;
  });
}

/** Adds functions until there are this many lines. */
function withFunctions(count: number, head: readonly string[]): string {
  const lines = [...head, ''];
  for (let index = 0; lines.length <= count - 9; index++) {
    lines.push(
      `helper_${index}() {`,
      '\tlocal args=( --prefix="${EPREFIX}/usr" $(use_enable ssl) )',
      '\tif use doc; then',
      '\t\teinfo "Building the documentation of ${PN}"',
      '\t\temake -C "${S}"/doc html || die "no documentation"',
      '\tfi',
      '\teconf "${args[@]}"',
      '}',
      '',
    );
  }
  while (lines.length < count) lines.push('# The end');
  return `${lines.join('\n')}\n`;
}
