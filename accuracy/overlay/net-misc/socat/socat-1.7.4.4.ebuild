# Copyright 2026 Ebuild Audit Authors
# Distributed under the terms of the MIT license

EAPI=8

DESCRIPTION="Relays data between two channels"
HOMEPAGE="http://www.dest-unreach.org/socat/"
SRC_URI="http://www.dest-unreach.org/socat/download/${P}.tar.gz"

LICENSE="GPL-2"
SLOT="0"
KEYWORDS="~amd64 ~arm64 ~x86"
IUSE="readline ssl"
# most of them wait, and they take many minutes
RESTRICT="test"

RDEPEND="
	readline? ( sys-libs/readline:= )
	ssl? ( dev-libs/openssl:= )
"
DEPEND="${RDEPEND}"

src_configure() {
	econf \
		--disable-libwrap \
		$(use_enable readline) \
		$(use_enable ssl openssl)
}
