/** An ebuild of the tests on the Gentoo machine: a program that needs dev-libs/tally, and declares all that it needs. */
export const COUNTER = `EAPI=8

inherit toolchain-funcs

DESCRIPTION="Counts the bytes of a file"
HOMEPAGE="https://example.org/"
S="\${WORKDIR}"

LICENSE="MIT"
SLOT="0"
KEYWORDS="~amd64 ~arm64"

RDEPEND="dev-libs/tally:="
DEPEND="dev-libs/tally:="
BDEPEND="virtual/pkgconfig"

src_compile() {
	printf '%s\\n' '#include <tally.h>' 'int main(int c, char **v) {' \\
		'unsigned long n[256] = {0}; return tally_file(v[c - 1], n); }' >counter.c || die
	$(tc-getCC) \${CFLAGS} $($(tc-getPKG_CONFIG) --cflags tally) \${LDFLAGS} -o counter counter.c \\
		$($(tc-getPKG_CONFIG) --libs tally) || die
}

src_install() {
	dobin counter
}
`;
