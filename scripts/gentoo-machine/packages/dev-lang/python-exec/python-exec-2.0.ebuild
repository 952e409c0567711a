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

RDEPEND="dev-lang/python"
BDEPEND="dev-lang/python"

python_version() {
	python3 -c 'import sys; print("python%d.%d" % sys.version_info[:2])' || die
}

src_compile() {
	emake CC="$(tc-getCC)" PYTHON="$(python_version)"
}

src_install() {
	local name python="$(python_version)"
	exeinto /usr/lib/python-exec
	doexe python-exec2
	for name in python python3; do
		dosym "../../../bin/${python}" "/usr/lib/python-exec/${python}/${name}"
		dosym ../lib/python-exec/python-exec2 "/usr/bin/${name}"
	done
	dodoc README
}
