# Copyright 2026 Ebuild Audit Authors
# Distributed under the terms of the MIT license

EAPI=8

inherit toolchain-funcs

DESCRIPTION="A steam locomotive for who mistypes ls"
HOMEPAGE="https://github.com/mtoyoda/sl"
SRC_URI="https://github.com/mtoyoda/sl/archive/${PV}.tar.gz -> ${P}.tar.gz"

LICENSE="Toyoda"
SLOT="0"
KEYWORDS="~amd64 ~arm64 ~x86"

RDEPEND="sys-libs/ncurses:="
DEPEND="${RDEPEND}"

src_compile() {
	emake CC="$(tc-getCC) ${LDFLAGS}" CFLAGS="${CFLAGS}"
}

src_install() {
	dobin sl
	doman sl.1
	einstalldocs
}
