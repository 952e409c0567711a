# Copyright 2026 Ebuild Audit Authors
# Distributed under the terms of the MIT license

EAPI=8

inherit toolchain-funcs

DESCRIPTION="Keeps the clock right"
HOMEPAGE="https://chrony-project.org/"
SRC_URI="https://chrony-project.org/releases/${P}.tar.gz"

LICENSE="GPL-2"
SLOT="0"
KEYWORDS="~amd64 ~arm64 ~x86"
IUSE="caps nts seccomp"

RDEPEND="
	caps? ( sys-libs/libcap )
	nts? (
		dev-libs/nettle:=
		net-libs/gnutls:=
	)
	seccomp? ( sys-libs/libseccomp )
"
DEPEND="${RDEPEND}"
BDEPEND="nts? ( virtual/pkgconfig )"

src_configure() {
	# a script of upstream's own, which refuses what econf passes
	CC="$(tc-getCC)" ./configure \
		--prefix="${EPREFIX}/usr" \
		--enable-scfilter \
		--without-editline \
		--without-nss \
		--without-tomcrypt \
		$(usex caps "" --without-libcap) \
		$(usex nts "" "--disable-nts --disable-sechash") \
		$(usex seccomp "" --without-seccomp) || die
}
