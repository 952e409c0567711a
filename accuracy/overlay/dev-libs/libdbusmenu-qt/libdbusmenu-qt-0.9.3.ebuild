# Copyright 2026 Ebuild Audit Authors
# Distributed under the terms of the MIT license

EAPI=8

inherit cmake

MY_PV="0.9.3+16.04.20160218"

DESCRIPTION="Menus over D-Bus"
HOMEPAGE="https://launchpad.net/libdbusmenu-qt/"
SRC_URI="https://launchpad.net/ubuntu/+archive/primary/+files/${PN}_${MY_PV}.orig.tar.gz"
S="${WORKDIR}/${PN}-${MY_PV}"

LICENSE="LGPL-2"
SLOT="0"
KEYWORDS="~amd64 ~arm64 ~x86"

RDEPEND="
	dev-qt/qtcore:5
	dev-qt/qtdbus:5
	dev-qt/qtgui:5
	dev-qt/qtwidgets:5
"
DEPEND="${RDEPEND}"

src_prepare() {
	# built before anybody asks for them
	sed -e '/^add_subdirectory(\(tests\|tools\))$/d' -i CMakeLists.txt || die
	cmake_src_prepare
}

src_configure() {
	local mycmakeargs=(
		-DUSE_QT5=ON
		-DWITH_DOC=OFF
	)
	cmake_src_configure
}
