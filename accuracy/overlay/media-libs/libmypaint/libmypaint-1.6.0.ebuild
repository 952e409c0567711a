# Copyright 2026 Ebuild Audit Authors
# Distributed under the terms of the MIT license

EAPI=8

DESCRIPTION="Brushes of MyPaint"
HOMEPAGE="https://github.com/mypaint/libmypaint"
SRC_URI="https://github.com/mypaint/libmypaint/releases/download/v${PV}/${P}.tar.xz"

LICENSE="ISC"
SLOT="0"
KEYWORDS="~amd64 ~arm64 ~x86"
IUSE="introspection"

RDEPEND="
	dev-libs/json-c:=
	introspection? (
		dev-libs/glib:2
		>=dev-libs/gobject-introspection-1.32.0
	)
"
DEPEND="${RDEPEND}"
BDEPEND="
	virtual/pkgconfig
	introspection? ( dev-libs/gobject-introspection )
"

src_configure() {
	econf \
		--disable-docs \
		--disable-gegl \
		--disable-gperftools \
		--disable-i18n \
		--disable-openmp \
		--disable-static \
		--without-glib \
		$(use_enable introspection)
}
