# Copyright 2026 Ebuild Audit Authors
# Distributed under the terms of the MIT license

EAPI=8

inherit meson

DESCRIPTION="Sandbox for unprivileged users"
HOMEPAGE="https://github.com/containers/bubblewrap"
SRC_URI="https://github.com/containers/bubblewrap/releases/download/v${PV}/${P}.tar.xz"

LICENSE="LGPL-2+"
SLOT="0"
KEYWORDS="~amd64 ~arm64 ~x86"
IUSE="man selinux"

RDEPEND="
	sys-libs/libcap
	selinux? ( >=sys-libs/libselinux-2.1.9 )
"
DEPEND="${RDEPEND}"
BDEPEND="
	virtual/pkgconfig
	man? (
		app-text/docbook-xsl-stylesheets
		dev-libs/libxslt
	)
"

src_configure() {
	local emesonargs=(
		-Dbash_completion=disabled
		$(meson_feature man)
		$(meson_feature selinux)
		-Dtests=false
		-Dzsh_completion=disabled
	)
	meson_src_configure
}
