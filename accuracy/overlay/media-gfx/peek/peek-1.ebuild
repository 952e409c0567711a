# Copyright 2026 Ebuild Audit Authors
# Distributed under the terms of the MIT license

EAPI=8

inherit toolchain-funcs

DESCRIPTION="Prints the size of a PNG file; part of the short measure"
HOMEPAGE="https://github.com/ebuild-audit/ebuild-audit"
S="${WORKDIR}"

LICENSE="MIT"
SLOT="0"
KEYWORDS="~amd64 ~arm64 ~x86"
IUSE="curses"

RDEPEND="
	media-libs/libpng:=
	curses? ( sys-libs/ncurses:= )
"
DEPEND="${RDEPEND}"
BDEPEND="virtual/pkgconfig"

src_unpack() {
	cp "${FILESDIR}"/* . || die
}

src_configure() {
	CC="$(tc-getCC)" sh ./configure.sh \
		--without-jpeg \
		$(usex curses --with-curses --without-curses) || die
}

src_install() {
	dobin peek
}
