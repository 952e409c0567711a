# Copyright 2026 Ebuild Audit Authors
# Distributed under the terms of the MIT license

EAPI=8

CRATES="xml-rs@${PV}"

inherit cargo

DESCRIPTION="Counts elements and attributes of XML documents"
HOMEPAGE="https://github.com/netvl/xml-rs"
SRC_URI="${CARGO_CRATE_URIS}"
S="${ECARGO_VENDOR}/xml-rs-${PV}"

LICENSE="MIT"
SLOT="0"
KEYWORDS="~amd64 ~arm64 ~x86"

src_prepare() {
	default
	# cargo wants the crates of the tests otherwise
	sed -e '/^\[dev-dependencies/,$d' -i Cargo.toml || die
}
