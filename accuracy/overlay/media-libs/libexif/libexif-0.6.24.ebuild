# Copyright 2026 Ebuild Audit Authors
# Distributed under the terms of the MIT license

EAPI=8

inherit autotools multilib-minimal

DESCRIPTION="Reads and writes the EXIF data of images"
HOMEPAGE="https://libexif.github.io/"
SRC_URI="https://github.com/libexif/libexif/archive/refs/tags/libexif-${PV//./_}-release.tar.gz -> ${P}.tar.gz"
S="${WORKDIR}/libexif-libexif-${PV//./_}-release"

LICENSE="LGPL-2.1"
SLOT="0"
KEYWORDS="~amd64 ~arm64 ~x86"
IUSE="nls"

BDEPEND="sys-devel/gettext"

src_prepare() {
	default
	eautoreconf
}

multilib_src_configure() {
	ECONF_SOURCE="${S}" econf \
		--disable-docs \
		--disable-static \
		$(use_enable nls)
}

multilib_src_install_all() {
	einstalldocs
	find "${ED}" -name '*.la' -delete || die
}
