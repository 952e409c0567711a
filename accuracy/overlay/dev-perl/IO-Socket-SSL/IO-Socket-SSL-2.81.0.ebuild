# Copyright 2026 Ebuild Audit Authors
# Distributed under the terms of the MIT license

EAPI=8

inherit perl-module

DESCRIPTION="Sockets with TLS"
HOMEPAGE="https://metacpan.org/release/IO-Socket-SSL"
SRC_URI="mirror://cpan/authors/id/S/SU/SULLR/IO-Socket-SSL-2.081.tar.gz"
S="${WORKDIR}/IO-Socket-SSL-2.081"

LICENSE="|| ( Artistic GPL-1+ )"
SLOT="0"
KEYWORDS="~amd64 ~arm64 ~x86"

RDEPEND=">=dev-perl/Net-SSLeay-1.460.0"

src_configure() {
	NO_NETWORK_TESTING=1 perl-module_src_configure
}
