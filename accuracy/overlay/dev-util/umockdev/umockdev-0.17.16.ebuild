# Copyright 2026 Ebuild Audit Authors
# Distributed under the terms of the MIT license

EAPI=8

inherit meson vala

DESCRIPTION="Mocks hardware for tests"
HOMEPAGE="https://github.com/martinpitt/umockdev"
SRC_URI="https://github.com/martinpitt/umockdev/releases/download/${PV}/${P}.tar.xz"

LICENSE="LGPL-2.1+"
SLOT="0"
KEYWORDS="~amd64 ~arm64 ~x86"
# Two of them fail in a sandbox.
RESTRICT="test"

RDEPEND="
	>=dev-libs/glib-2.32.0:2
	dev-libs/gobject-introspection
	net-libs/libpcap
	virtual/libudev:=
"
DEPEND="${RDEPEND}"
BDEPEND="
	$(vala_depend)
	dev-libs/gobject-introspection
	virtual/pkgconfig
"

src_configure() {
	vala_setup
	meson_src_configure
}
