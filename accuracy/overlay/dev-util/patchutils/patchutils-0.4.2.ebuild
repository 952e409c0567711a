# Copyright 2026 Ebuild Audit Authors
# Distributed under the terms of the MIT license

EAPI=8

inherit autotools

DESCRIPTION="Tools that work on patch files"
HOMEPAGE="http://cyberelk.net/tim/software/patchutils/"
SRC_URI="https://github.com/twaugh/patchutils/archive/${PV}.tar.gz -> ${P}.tar.gz"

LICENSE="GPL-2"
SLOT="0"
KEYWORDS="~amd64 ~arm64 ~x86"
IUSE="pcre"

RDEPEND="
	dev-lang/perl
	dev-lang/python
	pcre? ( dev-libs/libpcre2:= )
"
DEPEND="pcre? ( dev-libs/libpcre2:= )"

src_prepare() {
	default
	eautoreconf
}

src_configure() {
	econf \
		ac_cv_prog_DEFAULT_EDITOR=vi \
		$(use_with pcre pcre2)
}
