# Copyright 2026 Ebuild Audit Authors
# Distributed under the terms of the MIT license

EAPI=8

inherit perl-module

DESCRIPTION="Perl bindings of OpenSSL"
HOMEPAGE="https://metacpan.org/release/Net-SSLeay"
SRC_URI="mirror://cpan/authors/id/C/CH/CHRISN/Net-SSLeay-1.92.tar.gz"
S="${WORKDIR}/Net-SSLeay-1.92"

LICENSE="Artistic-2"
SLOT="0"
KEYWORDS="~amd64 ~arm64 ~x86"

RDEPEND="dev-libs/openssl:="
DEPEND="${RDEPEND}"
BDEPEND="dev-libs/openssl"

src_configure() {
	# the tests over the network are not wanted
	PERL_MM_USE_DEFAULT=1 perl-module_src_configure
}
