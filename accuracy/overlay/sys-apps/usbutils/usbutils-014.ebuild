# Copyright 2026 Ebuild Audit Authors
# Distributed under the terms of the MIT license

EAPI=8

DESCRIPTION="Lists USB devices"
HOMEPAGE="http://www.linux-usb.org/"
SRC_URI="https://www.kernel.org/pub/linux/utils/usb/usbutils/${P}.tar.xz"

LICENSE="GPL-2+"
SLOT="0"
KEYWORDS="~amd64 ~arm64 ~x86"

RDEPEND="
	virtual/libudev:=
	virtual/libusb:1
"
DEPEND="${RDEPEND}"
BDEPEND="virtual/pkgconfig"

src_install() {
	default
	# it would need Python
	rm "${ED}"/usr/bin/lsusb.py || die
}
