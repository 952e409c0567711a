# Copyright 2026 Ebuild Audit Authors
# Distributed under the terms of the MIT license

EAPI=8

inherit go-module

DESCRIPTION="Prints over USB as if it were the network"
HOMEPAGE="https://github.com/OpenPrinting/ipp-usb"
SRC_URI="
	https://github.com/OpenPrinting/ipp-usb/archive/${PV}.tar.gz -> ${P}.tar.gz
	https://github.com/OpenPrinting/goipp/archive/1.0.0.tar.gz -> goipp-1.0.0.tar.gz
"

LICENSE="BSD-2"
SLOT="0"
KEYWORDS="~amd64 ~arm64 ~x86"

RDEPEND="
	net-dns/avahi
	virtual/libusb:1
"
DEPEND="${RDEPEND}"
BDEPEND="virtual/pkgconfig"

src_prepare() {
	default
	mkdir -p vendor/github.com/OpenPrinting || die
	mv "${WORKDIR}"/goipp-1.0.0 vendor/github.com/OpenPrinting/goipp || die
	cat > vendor/modules.txt <<-EOF || die
		# github.com/OpenPrinting/goipp v1.0.0
		## explicit
		github.com/OpenPrinting/goipp
	EOF
}

src_compile() {
	ego build -mod=vendor -tags nethttpomithttp2
}

src_install() {
	dosbin ipp-usb
	insinto /etc/ipp-usb
	doins ipp-usb.conf
	insinto /usr/share/ipp-usb/quirks
	doins ipp-usb-quirks/*
	doman ipp-usb.8
	einstalldocs
}
