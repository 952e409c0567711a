# Copyright 2026 Ebuild Audit Authors
# Distributed under the terms of the MIT license

EAPI=8

inherit toolchain-funcs

DESCRIPTION="Simulates the keyboard and the mouse, and moves windows"
HOMEPAGE="https://www.semicomplete.com/projects/xdotool/"
SRC_URI="https://github.com/jordansissel/xdotool/releases/download/v${PV}/${P}.tar.gz"

LICENSE="BSD"
SLOT="0"
KEYWORDS="~amd64 ~arm64 ~x86"

RDEPEND="
	x11-libs/libX11
	x11-libs/libXinerama
	x11-libs/libXtst
	x11-libs/libxkbcommon
"
DEPEND="
	${RDEPEND}
	x11-base/xorg-proto
"
BDEPEND="dev-lang/perl"

src_compile() {
	emake CC="$(tc-getCC)" LDFLAGS="${LDFLAGS}"
}

src_install() {
	emake \
		DESTDIR="${D}" \
		INSTALLLIB="${EPREFIX}/usr/$(get_libdir)" \
		INSTALLMAN="${EPREFIX}/usr/share/man" \
		LDCONFIG=: \
		PREFIX="${EPREFIX}/usr" \
		DINSTALLLIB="${ED}/usr/$(get_libdir)" \
		DINSTALLMAN="${ED}/usr/share/man" \
		install
	einstalldocs
}
