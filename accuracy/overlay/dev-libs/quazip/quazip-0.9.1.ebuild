# Copyright 2026 Ebuild Audit Authors
# Distributed under the terms of the MIT license

EAPI=8

inherit cmake

DESCRIPTION="ZIP archives with Qt"
HOMEPAGE="https://github.com/stachenov/quazip"
SRC_URI="https://github.com/stachenov/quazip/archive/v${PV}.tar.gz -> ${P}.tar.gz"

LICENSE="LGPL-2.1"
SLOT="0/1"
KEYWORDS="~amd64 ~arm64 ~x86"

RDEPEND="
	dev-qt/qtcore:5
	sys-libs/zlib:=
"
DEPEND="${RDEPEND}"

src_prepare() {
	# no static library
	sed -e '/^add_library(quazip_static /d' \
		-e '/^set_target_properties(.* quazip_static /s/ quazip_static / /' \
		-e '/^target_include_directories(quazip_static /d' \
		-e '/^\tset_target_properties(quazip_static /d' \
		-e '/^target_link_libraries(quazip_static /d' \
		-e '/^install(TARGETS /s/ quazip_static / /' \
		-i quazip/CMakeLists.txt || die
	cmake_src_prepare
}

src_configure() {
	local mycmakeargs=(
		-DBUILD_WITH_QT4=OFF
	)
	cmake_src_configure
}
