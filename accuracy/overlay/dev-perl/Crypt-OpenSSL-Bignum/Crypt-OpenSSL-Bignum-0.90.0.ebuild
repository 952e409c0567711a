# Copyright 2026 Ebuild Audit Authors
# Distributed under the terms of the MIT license

EAPI=8

inherit perl-module

DESCRIPTION="Big integers with OpenSSL"
HOMEPAGE="https://metacpan.org/release/Crypt-OpenSSL-Bignum"
SRC_URI="mirror://cpan/authors/id/K/KM/KMX/Crypt-OpenSSL-Bignum-0.09.tar.gz"
S="${WORKDIR}/Crypt-OpenSSL-Bignum-0.09"

LICENSE="|| ( Artistic GPL-1+ )"
SLOT="0"
KEYWORDS="~amd64 ~arm64 ~x86"

RDEPEND="dev-libs/openssl:="
DEPEND="${RDEPEND}"
