# Copyright 2026 Ebuild Audit Authors
# Distributed under the terms of the MIT license

EAPI=8

inherit toolchain-funcs

DESCRIPTION="Recompresses PNG images"
HOMEPAGE="https://pmt.sourceforge.io/pngcrush/"
SRC_URI="https://downloads.sourceforge.net/project/pmt/pngcrush/${PV}/${P}.tar.gz"

LICENSE="pngcrush"
SLOT="0"
KEYWORDS="~amd64 ~arm64 ~x86"

RDEPEND="
	sys-libs/zlib:=
"
DEPEND="${RDEPEND}"

src_prepare() {
	default

	# the bundled copies of libpng and zlib must not be found
	find . -maxdepth 1 -name '*.[ch]' \
		! -name pngcrush.c ! -name pngcrush.h ! -name cexcept.h -delete || die
}

src_compile() {
	emake -f Makefile-nolib \
		CC="$(tc-getCC)" \
		CFLAGS="${CFLAGS}" \
		CPPFLAGS="${CPPFLAGS}" \
		LDFLAGS="${LDFLAGS}" \
		LIBS="-lpng -lz -lm"
}

src_install() {
	dobin pngcrush
	einstalldocs
}
