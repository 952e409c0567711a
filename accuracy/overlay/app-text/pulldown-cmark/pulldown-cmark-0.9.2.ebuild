# Copyright 2026 Ebuild Audit Authors
# Distributed under the terms of the MIT license

EAPI=8

CRATES="
	bitflags@1.3.2
	getopts@0.2.21
	memchr@2.5.0
	pulldown-cmark@${PV}
	unicase@2.6.0
	unicode-width@0.1.10
	version_check@0.9.4
"

inherit cargo

DESCRIPTION="Turns Markdown into HTML"
HOMEPAGE="https://github.com/raphlinus/pulldown-cmark"
SRC_URI="${CARGO_CRATE_URIS}"

LICENSE="MIT"
SLOT="0"
KEYWORDS="~amd64 ~arm64 ~x86"

src_prepare() {
	default
	# cargo wants the crates of the tests and of other features otherwise
	sed -e '/^\[dev-dependencies/,/^$/d' 		-e '/^\[dependencies.serde\]/,/^$/d' 		-i Cargo.toml || die
}
