# Copyright 2026 Ebuild Audit Authors
# Distributed under the terms of the MIT license

EAPI=8

inherit autotools

DESCRIPTION="Parser of configuration files"
HOMEPAGE="https://github.com/libconfuse/libconfuse"
SRC_URI="https://github.com/libconfuse/libconfuse/releases/download/v${PV}/${P}.tar.xz"

LICENSE="ISC"
SLOT="0"
KEYWORDS="~amd64 ~arm64 ~x86"
IUSE="nls"

BDEPEND="
	sys-devel/flex
	sys-devel/gettext
"

src_prepare() {
	default
	eautoreconf
}

src_configure() {
	econf \
		--disable-examples \
		--disable-static \
		$(use_enable nls)
}
