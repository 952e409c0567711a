# Copyright 2026 Ebuild Audit Authors
# Distributed under the terms of the MIT license

EAPI=8

inherit autotools

DESCRIPTION="Live monitor of network and disk bandwidth"
HOMEPAGE="https://www.gropp.org/?id=projects&sub=bwm-ng"
SRC_URI="https://www.gropp.org/bwm-ng/${P}.tar.gz"

LICENSE="GPL-2"
SLOT="0"
KEYWORDS="~amd64 ~arm64 ~x86"

RDEPEND="sys-libs/ncurses:="
DEPEND="${RDEPEND}"

src_prepare() {
	default
	eautoreconf
}

src_configure() {
	econf \
		--with-ncurses \
		--without-libstatgrab \
		--without-netstatlinux
}
