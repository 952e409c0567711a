# Copyright 2026 Ebuild Audit Authors
# Distributed under the terms of the MIT license

EAPI=8

DESCRIPTION="Shows and changes the settings of network cards"
HOMEPAGE="https://www.kernel.org/pub/software/network/ethtool/"
SRC_URI="https://www.kernel.org/pub/software/network/ethtool/${P}.tar.xz"

LICENSE="GPL-2"
SLOT="0"
KEYWORDS="~amd64 ~arm64 ~x86"
IUSE="+netlink"

RDEPEND="netlink? ( net-libs/libmnl:= )"
DEPEND="${RDEPEND}"
BDEPEND="netlink? ( virtual/pkgconfig )"

src_configure() {
	econf \
		--with-bash-completion-dir="${EPREFIX}/usr/share/bash-completion/completions" \
		$(use_enable netlink)
}
