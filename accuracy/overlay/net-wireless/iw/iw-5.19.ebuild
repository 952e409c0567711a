# Copyright 2026 Ebuild Audit Authors
# Distributed under the terms of the MIT license

EAPI=8

inherit toolchain-funcs

DESCRIPTION="Configures wireless devices"
HOMEPAGE="https://wireless.wiki.kernel.org/en/users/documentation/iw"
SRC_URI="https://www.kernel.org/pub/software/network/iw/${P}.tar.xz"

LICENSE="ISC"
SLOT="0"
KEYWORDS="~amd64 ~arm64 ~x86"

RDEPEND=">=dev-libs/libnl-3.2:3"
DEPEND="${RDEPEND}"
BDEPEND="virtual/pkgconfig"

src_compile() {
	emake CC="$(tc-getCC)" V=1
}
