# Copyright 2026 Ebuild Audit Authors
# Distributed under the terms of the MIT license

EAPI=8

inherit toolchain-funcs

DESCRIPTION="Small DNS and DHCP server"
HOMEPAGE="https://thekelleys.org.uk/dnsmasq/doc.html"
SRC_URI="https://thekelleys.org.uk/dnsmasq/${P}.tar.xz"

LICENSE="GPL-2"
SLOT="0"
KEYWORDS="~amd64 ~arm64 ~x86"
IUSE="dbus dnssec idn"

RDEPEND="
	dbus? ( sys-apps/dbus )
	dnssec? (
		dev-libs/gmp:=
		dev-libs/nettle:=
	)
	idn? ( net-dns/libidn2:= )
"
DEPEND="${RDEPEND}"
BDEPEND="
	dbus? ( virtual/pkgconfig )
	dnssec? ( virtual/pkgconfig )
	idn? ( virtual/pkgconfig )
"

dns_make() {
	local options="$(usev dbus -DHAVE_DBUS) $(usev dnssec -DHAVE_DNSSEC) $(usev idn -DHAVE_LIBIDN2)"
	emake \
		CC="$(tc-getCC)" \
		CFLAGS="${CFLAGS}" \
		COPTS="${options}" \
		LDFLAGS="${LDFLAGS}" \
		PREFIX="${EPREFIX}/usr" \
		"$@"
}

src_compile() {
	dns_make
}

src_install() {
	dns_make DESTDIR="${D}" install
	einstalldocs
}
