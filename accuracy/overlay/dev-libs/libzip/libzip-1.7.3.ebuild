# Copyright 2026 Ebuild Audit Authors
# Distributed under the terms of the MIT license

EAPI=8

inherit cmake

DESCRIPTION="Reads and writes zip archives"
HOMEPAGE="https://libzip.org/"
SRC_URI="https://libzip.org/download/${P}.tar.xz"

LICENSE="BSD"
SLOT="0"
KEYWORDS="~amd64 ~arm64 ~x86"
IUSE="ssl"

RDEPEND="
	>=sys-libs/zlib-1.1.2:=
	ssl? ( dev-libs/openssl:= )
"
DEPEND="${RDEPEND}"

src_configure() {
	local mycmakeargs=(
		-DBUILD_DOC=OFF
		-DBUILD_EXAMPLES=OFF
		-DBUILD_REGRESS=OFF
		-DENABLE_BZIP2=OFF
		-DENABLE_GNUTLS=OFF
		-DENABLE_LZMA=OFF
		-DENABLE_MBEDTLS=OFF
		-DENABLE_OPENSSL=$(usex ssl)
	)
	cmake_src_configure
}
