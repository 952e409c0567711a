# Copyright 2026 Ebuild Audit Authors
# Distributed under the terms of the MIT license

EAPI=8

DESCRIPTION="Captures packets of the network"
HOMEPAGE="https://www.tcpdump.org/"
SRC_URI="https://www.tcpdump.org/release/${P}.tar.gz"

LICENSE="BSD"
SLOT="0"
KEYWORDS="~amd64 ~arm64 ~x86"
IUSE="dbus netlink"

RDEPEND="
	dbus? ( sys-apps/dbus )
	netlink? ( dev-libs/libnl:3 )
"
DEPEND="${RDEPEND}"
BDEPEND="
	app-alternatives/lex
	app-alternatives/yacc
	dbus? ( virtual/pkgconfig )
	netlink? ( virtual/pkgconfig )
"

src_configure() {
	econf \
		--disable-bluetooth \
		--disable-rdma \
		--disable-usb \
		--without-dag \
		$(use_enable dbus) \
		$(use_with netlink libnl)
}
