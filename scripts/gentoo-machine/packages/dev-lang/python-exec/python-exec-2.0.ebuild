# Copyright 2026 Ebuild Audit Authors
# Distributed under the terms of the MIT license

EAPI=8

inherit toolchain-funcs

DESCRIPTION="Starts a program of Python with the Python that it is installed for"
HOMEPAGE="https://github.com/ebuild-audit/ebuild-audit"
SRC_URI="${P}.tar"

LICENSE="MIT"
SLOT="2"
KEYWORDS="~amd64 ~arm64 ~x86"
# it is packed from scripts/gentoo-machine/sources
RESTRICT="fetch"

BDEPEND="dev-lang/python"

src_compile() {
	emake CC="$(tc-getCC)" PYTHON="$(basename "$(realpath /usr/lib/python-exec/python3.*/python3)")"
}

src_install() {
	exeinto /usr/lib/python-exec
	doexe python-exec2
	dosym ../lib/python-exec/python-exec2 /usr/bin/python
	dosym ../lib/python-exec/python-exec2 /usr/bin/python3
	dodoc README
}
