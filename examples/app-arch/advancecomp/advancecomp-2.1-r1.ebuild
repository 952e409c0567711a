# Copyright 2026 Ebuild Audit Authors
# Distributed under the terms of the MIT license

EAPI=8

DESCRIPTION="Recompresses ZIP, PNG and MNG files"
HOMEPAGE="https://www.advancemame.it/ https://github.com/amadvance/advancecomp"
SRC_URI="https://github.com/amadvance/advancecomp/archive/v${PV}.tar.gz -> ${P}.tar.gz"

LICENSE="GPL-2+"
SLOT="0"
KEYWORDS="~amd64 ~arm64 ~x86"
IUSE="bzip2"

RDEPEND="
	sys-libs/zlib:=
	bzip2? ( app-arch/bzip2:= )
"
DEPEND="${RDEPEND}"
BDEPEND="
	dev-build/autoconf
"

src_prepare() {
	default
	autoreconf --force --install || die
}

src_configure() {
	# C++17 has no dynamic exception specifications
	local -x CXXFLAGS="${CXXFLAGS} -std=c++14"

	econf $(use_enable bzip2)
}
