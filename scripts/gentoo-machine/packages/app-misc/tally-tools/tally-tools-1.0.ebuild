# Copyright 2026 Ebuild Audit Authors
# Distributed under the terms of the MIT license

EAPI=8

inherit toolchain-funcs

DESCRIPTION="Prints how often each byte is in a file"
HOMEPAGE="https://github.com/ebuild-audit/ebuild-audit"
SRC_URI="${P}.tar"

LICENSE="MIT"
SLOT="0"
KEYWORDS="~amd64 ~arm64 ~x86"
# it is packed from scripts/gentoo-machine/sources
RESTRICT="fetch"

RDEPEND="dev-libs/tally:="
DEPEND="${RDEPEND}"
BDEPEND="virtual/pkgconfig"

src_compile() {
	emake CC="$(tc-getCC)" PKG_CONFIG="$(tc-getPKG_CONFIG)"
}

src_install() {
	dobin tally
	insinto /etc
	doins tally.conf
	insinto /usr/share/tally
	newins README "read me first.txt"
	newins README "größe.txt"
	keepdir /var/lib/tally
	fowners mail:mail /var/lib/tally
	fperms 0750 /var/lib/tally
}

pkg_postinst() {
	elog "Bytes that are not printed are in ${EROOT}/etc/tally.conf."
}
