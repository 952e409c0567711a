# Copyright 2026 Ebuild Audit Authors
# Distributed under the terms of the MIT license

EAPI=8

inherit multilib-minimal

DESCRIPTION="Reads Opus files"
HOMEPAGE="https://opus-codec.org/"
SRC_URI="https://downloads.xiph.org/releases/opus/${P}.tar.gz"

LICENSE="BSD"
SLOT="0"
KEYWORDS="~amd64 ~arm64 ~x86"
IUSE="http"

RDEPEND="
	>=media-libs/libogg-1.3[${MULTILIB_USEDEP}]
	>=media-libs/opus-1.0.1[${MULTILIB_USEDEP}]
	http? ( dev-libs/openssl:=[${MULTILIB_USEDEP}] )
"
DEPEND="${RDEPEND}"
BDEPEND="virtual/pkgconfig"

multilib_src_configure() {
	ECONF_SOURCE="${S}" econf \
		--disable-doc \
		--disable-examples \
		--disable-static \
		$(use_enable http)
}

multilib_src_install_all() {
	einstalldocs
	find "${ED}" -name '*.la' -delete || die
}
