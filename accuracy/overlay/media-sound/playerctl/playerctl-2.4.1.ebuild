# Copyright 2026 Ebuild Audit Authors
# Distributed under the terms of the MIT license

EAPI=8

inherit meson

DESCRIPTION="Controls players on the command line"
HOMEPAGE="https://github.com/altdesktop/playerctl"
SRC_URI="https://github.com/altdesktop/playerctl/archive/v${PV}.tar.gz -> ${P}.tar.gz"

LICENSE="LGPL-3+"
SLOT="0"
KEYWORDS="~amd64 ~arm64 ~x86"
IUSE="introspection"

RDEPEND="
	>=dev-libs/glib-2.38:2
	introspection? ( dev-libs/gobject-introspection )
"
DEPEND="${RDEPEND}"
BDEPEND="
	dev-util/glib-utils
	virtual/pkgconfig
	introspection? ( dev-libs/gobject-introspection )
"

src_configure() {
	local emesonargs=(
		$(meson_use introspection)
		-Dgtk-doc=false
	)
	meson_src_configure
}
