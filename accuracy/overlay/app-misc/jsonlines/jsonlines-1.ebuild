# Copyright 2026 Ebuild Audit Authors
# Distributed under the terms of the MIT license

EAPI=8

inherit meson

DESCRIPTION="Counts the lines of its input that are JSON; part of the short measure"
HOMEPAGE="https://github.com/ebuild-audit/ebuild-audit"
S="${WORKDIR}"

LICENSE="MIT"
SLOT="0"
KEYWORDS="~amd64 ~arm64 ~x86"

RDEPEND=">=dev-libs/jansson-2.7:="
DEPEND="${RDEPEND}"
BDEPEND="virtual/pkgconfig"

src_unpack() {
	cp "${FILESDIR}"/* . || die
}
