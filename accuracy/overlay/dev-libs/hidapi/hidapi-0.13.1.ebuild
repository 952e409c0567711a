# Copyright 2026 Ebuild Audit Authors
# Distributed under the terms of the MIT license

EAPI=8

inherit cmake

DESCRIPTION="Library for human interface devices"
HOMEPAGE="https://github.com/libusb/hidapi"
SRC_URI="https://github.com/libusb/hidapi/archive/${P}.tar.gz -> ${P}.tgz"
S="${WORKDIR}/hidapi-${P}"

LICENSE="|| ( BSD GPL-3 )"
SLOT="0"
KEYWORDS="~amd64 ~arm64 ~x86"
IUSE="libusb"

RDEPEND="
	virtual/libudev:=
	libusb? ( virtual/libusb:1 )
"
DEPEND="${RDEPEND}"
BDEPEND="virtual/pkgconfig"

src_configure() {
	local mycmakeargs=(
		-DHIDAPI_BUILD_HIDTEST=OFF
		-DHIDAPI_WITH_HIDRAW=ON
		-DHIDAPI_WITH_LIBUSB=$(usex libusb)
	)
	cmake_src_configure
}
