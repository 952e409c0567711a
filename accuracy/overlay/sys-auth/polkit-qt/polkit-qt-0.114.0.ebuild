# Copyright 2026 Ebuild Audit Authors
# Distributed under the terms of the MIT license

EAPI=8

inherit cmake

DESCRIPTION="Asks polkit from programs with Qt"
HOMEPAGE="https://invent.kde.org/libraries/polkit-qt-1"
SRC_URI="mirror://kde/stable/polkit-qt-1/polkit-qt-1-${PV}.tar.xz"
S="${WORKDIR}/polkit-qt-1-${PV}"

LICENSE="LGPL-2"
SLOT="0"
KEYWORDS="~amd64 ~arm64 ~x86"

RDEPEND="
	dev-libs/glib:2
	dev-qt/qtcore:5
	dev-qt/qtdbus:5
	dev-qt/qtgui:5
	dev-qt/qtwidgets:5
	sys-auth/polkit
"
DEPEND="${RDEPEND}"
BDEPEND="virtual/pkgconfig"

src_configure() {
	local mycmakeargs=(
		-DBUILD_EXAMPLES=OFF
	)
	cmake_src_configure
}
