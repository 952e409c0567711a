# Copyright 2026 Ebuild Audit Authors
# Distributed under the terms of the MIT license

EAPI=8

DESCRIPTION="Makes QR codes"
HOMEPAGE="https://fukuchi.org/works/qrencode/"
SRC_URI="https://fukuchi.org/works/qrencode/${P}.tar.bz2"

LICENSE="LGPL-2.1+"
SLOT="0"
KEYWORDS="~amd64 ~arm64 ~x86"
IUSE="png"

RDEPEND="png? ( media-libs/libpng:= )"
DEPEND="${RDEPEND}"
BDEPEND="png? ( virtual/pkgconfig )"

src_configure() {
	econf \
		--without-tests \
		$(use_with png)
}
