# Copyright 2026 Ebuild Audit Authors
# Distributed under the terms of the MIT license

EAPI=8

inherit cmake

DESCRIPTION="Reads the settings that editors share"
HOMEPAGE="https://editorconfig.org/"
SRC_URI="https://github.com/editorconfig/editorconfig-core-c/archive/v${PV}.tar.gz -> ${P}.tar.gz"

LICENSE="BSD-2"
SLOT="0"
KEYWORDS="~amd64 ~arm64 ~x86"

RDEPEND="dev-libs/libpcre2:="
DEPEND="${RDEPEND}"

src_configure() {
	local mycmakeargs=(
		-DBUILD_DOCUMENTATION=OFF
	)
	cmake_src_configure
}
