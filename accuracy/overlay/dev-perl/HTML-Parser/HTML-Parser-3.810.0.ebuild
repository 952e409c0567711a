# Copyright 2026 Ebuild Audit Authors
# Distributed under the terms of the MIT license

EAPI=8

inherit perl-module

DESCRIPTION="Parses HTML"
HOMEPAGE="https://metacpan.org/release/HTML-Parser"
SRC_URI="mirror://cpan/authors/id/O/OA/OALDERS/HTML-Parser-3.81.tar.gz"
S="${WORKDIR}/HTML-Parser-3.81"

LICENSE="|| ( Artistic GPL-1+ )"
SLOT="0"
KEYWORDS="~amd64 ~arm64 ~x86"

RDEPEND="
	dev-perl/HTML-Tagset
	dev-perl/HTTP-Message
	dev-perl/URI
"
