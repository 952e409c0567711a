# Copyright 2026 Ebuild Audit Authors
# Distributed under the terms of the MIT license

EAPI=8

inherit toolchain-funcs

DESCRIPTION="Library that counts the bytes of a file"
HOMEPAGE="https://github.com/ebuild-audit/ebuild-audit"
SRC_URI="${P}.tar"

LICENSE="MIT"
SLOT="0/1"
KEYWORDS="~amd64 ~arm64 ~x86"
IUSE="+compressed"
# it is packed from scripts/gentoo-machine/sources
RESTRICT="fetch"

RDEPEND="compressed? ( sys-libs/zlib:= )"
DEPEND="${RDEPEND}"

src_compile() {
	emake CC="$(tc-getCC)" COMPRESSED="$(usex compressed 1 0)"
}

src_install() {
	emake DESTDIR="${D}" LIBDIR="/usr/$(get_libdir)" install
	dodoc README
}
