# Copyright 2026 Ebuild Audit Authors
# Distributed under the terms of the MIT license

EAPI=8

DESCRIPTION="Extended attributes for Python"
HOMEPAGE="https://pyxattr.k1024.org/"
SRC_URI="https://pyxattr.k1024.org/downloads/${P}.tar.gz"

LICENSE="LGPL-2.1+"
SLOT="0"
KEYWORDS="~amd64 ~arm64 ~x86"

RDEPEND="dev-lang/python:3.11"
DEPEND="${RDEPEND}"
BDEPEND="
	dev-lang/python:3.11
	dev-python/setuptools
"

src_compile() {
	python3.11 setup.py build || die
}

src_install() {
	python3.11 setup.py install --prefix="${EPREFIX}/usr" --root="${D}" || die
	einstalldocs
}
