# Copyright 2026 Ebuild Audit Authors
# Distributed under the terms of the MIT license

EAPI=8

CRATES="
	libc@0.2.139
	libudev-sys@0.1.4
	libudev@${PV}
	pkg-config@0.3.25
"

inherit cargo

DESCRIPTION="Lists and watches devices with libudev"
HOMEPAGE="https://github.com/dcuddeback/libudev-rs"
SRC_URI="${CARGO_CRATE_URIS}"
S="${ECARGO_VENDOR}/libudev-${PV}"

LICENSE="MIT"
SLOT="0"
KEYWORDS="~amd64 ~arm64 ~x86"

RDEPEND="virtual/libudev:="
DEPEND="${RDEPEND}"
BDEPEND="virtual/pkgconfig"

src_compile() {
	cargo_src_compile --examples
}

src_install() {
	newbin target/release/examples/list_devices udev-list-devices
	newbin target/release/examples/monitor udev-monitor
	einstalldocs
}
