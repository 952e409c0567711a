# Copyright 2026 Ebuild Audit Authors
# Distributed under the terms of the MIT license

EAPI=8

inherit meson

DESCRIPTION="Settings that parts of a desktop share"
HOMEPAGE="https://gitlab.gnome.org/GNOME/gsettings-desktop-schemas"
SRC_URI="mirror://gnome/sources/${PN}/$(ver_cut 1)/${P}.tar.xz"

LICENSE="LGPL-2.1+"
SLOT="0"
KEYWORDS="~amd64 ~arm64 ~x86"
IUSE="introspection"

DEPEND="introspection? ( dev-libs/gobject-introspection )"
BDEPEND="
	dev-util/glib-utils
	sys-devel/gettext
	introspection? (
		dev-libs/gobject-introspection
		virtual/pkgconfig
	)
"

src_configure() {
	local emesonargs=(
		$(meson_use introspection)
	)
	meson_src_configure
}
