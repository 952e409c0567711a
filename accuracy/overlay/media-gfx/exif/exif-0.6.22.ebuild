# Copyright 2026 Ebuild Audit Authors
# Distributed under the terms of the MIT license

EAPI=8

inherit autotools

DESCRIPTION="Shows the EXIF data of images on the command line"
HOMEPAGE="https://libexif.github.io/"
SRC_URI="https://github.com/libexif/exif/archive/refs/tags/exif-${PV//./_}-release.tar.gz -> ${P}.tar.gz"
S="${WORKDIR}/exif-exif-${PV//./_}-release"

LICENSE="LGPL-2.1"
SLOT="0"
KEYWORDS="~amd64 ~arm64 ~x86"
IUSE="nls"

RDEPEND="
	>=dev-libs/popt-1.12
	>=media-libs/libexif-0.6.18
"
DEPEND="${RDEPEND}"
BDEPEND="
	sys-devel/gettext
	virtual/pkgconfig
"

src_prepare() {
	default
	eautoreconf
}

src_configure() {
	econf $(use_enable nls)
}
