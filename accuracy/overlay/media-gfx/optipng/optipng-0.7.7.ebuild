# Copyright 2026 Ebuild Audit Authors
# Distributed under the terms of the MIT license

EAPI=8

inherit toolchain-funcs

DESCRIPTION="Optimizes PNG files"
HOMEPAGE="https://optipng.sourceforge.net/"
SRC_URI="https://downloads.sourceforge.net/optipng/${P}.tar.gz"

LICENSE="ZLIB"
SLOT="0"
KEYWORDS="~amd64 ~arm64 ~x86"

RDEPEND="
	media-libs/libpng:=
	sys-libs/zlib:=
"
DEPEND="${RDEPEND}"

src_configure() {
	# a script of upstream's own, which refuses what econf passes
	CC="$(tc-getCC)" ./configure \
		-prefix="${EPREFIX}/usr" \
		-with-system-libpng \
		-with-system-zlib || die
}
