# Copyright 2026 Ebuild Audit Authors
# Distributed under the terms of the MIT license

EAPI=8

DESCRIPTION="Converts between units"
HOMEPAGE="https://www.gnu.org/software/units/"
SRC_URI="mirror://gnu/units/${P}.tar.gz"

LICENSE="GPL-3"
SLOT="0"
KEYWORDS="~amd64 ~arm64 ~x86"

RDEPEND="
	dev-lang/python
	sys-libs/readline:=
"
DEPEND="sys-libs/readline:="
