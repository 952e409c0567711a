# Copyright 2026 Ebuild Audit Authors
# Distributed under the terms of the MIT license

EAPI=8

inherit qmake-utils

DESCRIPTION="Writes ./configure for projects that qmake builds"
HOMEPAGE="https://github.com/psi-plus/qconf"
SRC_URI="https://github.com/psi-plus/qconf/archive/${PV}.tar.gz -> ${P}.tar.gz"

LICENSE="GPL-2"
SLOT="0"
KEYWORDS="~amd64 ~arm64 ~x86"

RDEPEND="
	dev-qt/qtcore:5
	dev-qt/qtxml:5
"
DEPEND="${RDEPEND}"

src_configure() {
	eqmake5 BINDIR="${EPREFIX}/usr/bin" DATADIR="${EPREFIX}/usr/share"
}

src_install() {
	emake INSTALL_ROOT="${D}" install
	einstalldocs
}
