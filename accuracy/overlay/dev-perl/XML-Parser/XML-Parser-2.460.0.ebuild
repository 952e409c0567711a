# Copyright 2026 Ebuild Audit Authors
# Distributed under the terms of the MIT license

EAPI=8

inherit perl-module

DESCRIPTION="Parses XML documents with expat"
HOMEPAGE="https://metacpan.org/release/XML-Parser"
SRC_URI="mirror://cpan/authors/id/T/TO/TODDR/XML-Parser-2.46.tar.gz"
S="${WORKDIR}/XML-Parser-2.46"

LICENSE="|| ( Artistic GPL-1+ )"
SLOT="0"
KEYWORDS="~amd64 ~arm64 ~x86"

RDEPEND="dev-libs/expat"
DEPEND="${RDEPEND}"
