# Copyright 2026 Ebuild Audit Authors
# Distributed under the terms of the MIT license

EAPI=8

MY_P="${P/_/}"

DESCRIPTION="Shows the bandwidth that hosts use"
HOMEPAGE="https://www.ex-parrot.com/~pdw/iftop/"
SRC_URI="https://www.ex-parrot.com/~pdw/iftop/download/${MY_P}.tar.gz"
S="${WORKDIR}/${MY_P}"

LICENSE="GPL-2+"
SLOT="0"
KEYWORDS="~amd64 ~arm64 ~x86"

RDEPEND="
	net-libs/libpcap
	sys-libs/ncurses:=
"
DEPEND="${RDEPEND}"

src_configure() {
	# its variables are defined in a header
	CFLAGS="${CFLAGS} -fcommon" econf
}
