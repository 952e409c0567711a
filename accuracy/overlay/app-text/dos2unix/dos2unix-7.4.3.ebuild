# Copyright 2026 Ebuild Audit Authors
# Distributed under the terms of the MIT license

EAPI=8

inherit toolchain-funcs

DESCRIPTION="Converts line ends"
HOMEPAGE="https://waterlan.home.xs4all.nl/dos2unix.html"
SRC_URI="https://waterlan.home.xs4all.nl/dos2unix/${P}.tar.gz"

LICENSE="BSD-2"
SLOT="0"
KEYWORDS="~amd64 ~arm64 ~x86"
IUSE="nls"
# They want Perl, and pass with translations only.
RESTRICT="test"

BDEPEND="nls? ( sys-devel/gettext )"

src_compile() {
	emake CC="$(tc-getCC)" ENABLE_NLS="$(usev nls 1)"
}

src_install() {
	emake DESTDIR="${D}" ENABLE_NLS="$(usev nls 1)" prefix="${EPREFIX}/usr" install
	einstalldocs
}
