# Copyright 2026 Ebuild Audit Authors
# Distributed under the terms of the MIT license

EAPI=8

DESCRIPTION="Edits and queries XML on the command line"
HOMEPAGE="https://xmlstar.sourceforge.net/"
SRC_URI="https://downloads.sourceforge.net/xmlstar/${P}.tar.gz"

LICENSE="MIT"
SLOT="0"
KEYWORDS="~amd64 ~arm64 ~x86"

RDEPEND="
	dev-libs/libxml2:2
	dev-libs/libxslt
"
DEPEND="${RDEPEND}"

src_configure() {
	econf \
		--disable-build-docs \
		--with-libxml-prefix="${EPREFIX}/usr" \
		--with-libxslt-prefix="${EPREFIX}/usr"
}
