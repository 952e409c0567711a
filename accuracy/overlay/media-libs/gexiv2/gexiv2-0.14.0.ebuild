# Copyright 2026 Ebuild Audit Authors
# Distributed under the terms of the MIT license

EAPI=8

inherit meson vala

DESCRIPTION="Exiv2 for programs with GObject"
HOMEPAGE="https://wiki.gnome.org/Projects/gexiv2"
SRC_URI="mirror://gnome/sources/${PN}/$(ver_cut 1-2)/${P}.tar.xz"

LICENSE="LGPL-2.1+ GPL-2"
SLOT="0"
KEYWORDS="~amd64 ~arm64 ~x86"
IUSE="introspection vala"
REQUIRED_USE="vala? ( introspection )"

RDEPEND="
	>=dev-libs/glib-2.46.0:2
	>=media-gfx/exiv2-0.26:=
	introspection? ( dev-libs/gobject-introspection )
"
DEPEND="${RDEPEND}"
BDEPEND="
	dev-util/glib-utils
	virtual/pkgconfig
	introspection? ( dev-libs/gobject-introspection )
	vala? ( $(vala_depend) )
"

src_prepare() {
	default
	# they cannot be configured without Python
	sed -e "/^subdir('test')$/d" -i meson.build || die
}

src_configure() {
	use vala && vala_setup
	local emesonargs=(
		$(meson_use introspection)
		$(meson_use vala vapi)
		-Dgtk_doc=false
		-Dpython3=false
		-Dtools=false
	)
	meson_src_configure
}
