# Copyright 2026 Ebuild Audit Authors
# Distributed under the terms of the MIT license

EAPI=8

DESCRIPTION="Calculator language"
HOMEPAGE="https://www.gnu.org/software/bc/bc.html"
SRC_URI="mirror://gnu/bc/${P}.tar.gz"

LICENSE="GPL-2 LGPL-2.1"
SLOT="0"
KEYWORDS="~amd64 ~arm64 ~x86"
IUSE="readline"

RDEPEND="readline? ( sys-libs/readline:= )"
DEPEND="${RDEPEND}"
BDEPEND="
	sys-apps/ed
	sys-apps/texinfo
	readline? ( app-alternatives/lex )
"

src_configure() {
	econf \
		--without-libedit \
		$(use_with readline)
}
