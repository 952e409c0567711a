# Copyright 2026 Ebuild Audit Authors
# Distributed under the terms of the MIT license

EAPI=8

inherit perl-module

DESCRIPTION="Big integers with GMP"
HOMEPAGE="https://metacpan.org/release/Math-GMP"
SRC_URI="mirror://cpan/authors/id/S/SH/SHLOMIF/Math-GMP-2.25.tar.gz"
S="${WORKDIR}/Math-GMP-2.25"

LICENSE="LGPL-2.1+"
SLOT="0"
KEYWORDS="~amd64 ~arm64 ~x86"

RDEPEND="dev-libs/gmp:="
DEPEND="${RDEPEND}"

src_prepare() {
	default
	# it looks for a GMP with Alien::GMP, or fetches one
	sed -e '/^use Alien::Base::Wrapper/d' \
		-e 's/Alien::Base::Wrapper->mm_args/LIBS => ["-lgmp"]/' \
		-e '/"Alien::GMP" =>/d' \
		-i Makefile.PL || die
}
