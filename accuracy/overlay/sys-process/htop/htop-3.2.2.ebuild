# Copyright 2026 Ebuild Audit Authors
# Distributed under the terms of the MIT license

EAPI=8

inherit autotools

DESCRIPTION="Interactive process viewer"
HOMEPAGE="https://htop.dev/"
SRC_URI="https://github.com/htop-dev/htop/archive/${PV}.tar.gz -> ${P}.tar.gz"

LICENSE="GPL-2+"
SLOT="0"
KEYWORDS="~amd64 ~arm64 ~x86"
IUSE="caps delayacct"

RDEPEND="
	sys-libs/ncurses:=
	caps? ( sys-libs/libcap )
	delayacct? ( dev-libs/libnl:3 )
"
DEPEND="${RDEPEND}"
BDEPEND="delayacct? ( virtual/pkgconfig )"

src_prepare() {
	default
	eautoreconf
}

src_configure() {
	econf \
		--disable-hwloc \
		--disable-pcp \
		--disable-sensors \
		--disable-unwind \
		--enable-unicode \
		$(use_enable caps capabilities) \
		$(use_enable delayacct)
}
