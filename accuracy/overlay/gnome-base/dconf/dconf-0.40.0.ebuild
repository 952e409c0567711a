# Copyright 2026 Ebuild Audit Authors
# Distributed under the terms of the MIT license

EAPI=8

inherit meson

DESCRIPTION="Stores settings of the desktop"
HOMEPAGE="https://gitlab.gnome.org/GNOME/dconf"
SRC_URI="mirror://gnome/sources/${PN}/$(ver_cut 1-2)/${P}.tar.xz"

LICENSE="LGPL-2.1+"
SLOT="0"
KEYWORDS="~amd64 ~arm64 ~x86"

RDEPEND=">=dev-libs/glib-2.44.0:2"
DEPEND="
	${RDEPEND}
	sys-apps/dbus
"
BDEPEND="
	dev-util/glib-utils
	virtual/pkgconfig
"

src_configure() {
	local emesonargs=(
		-Dbash_completion=false
		-Dman=false
		-Dsystemduserunitdir="${EPREFIX}/usr/lib/systemd/user"
		-Dvapi=false
	)
	meson_src_configure
}
