# Copyright 2026 Ebuild Audit Authors
# Distributed under the terms of the MIT license

EAPI=8

inherit toolchain-funcs

DESCRIPTION="Reads Gopher, Gemini, finger and the web on a terminal"
HOMEPAGE="https://bombadillo.colorfield.space/"
SRC_URI="https://tildegit.org/sloum/bombadillo/archive/${PV}.tar.gz -> ${P}.tar.gz"
S="${WORKDIR}/${PN}"

LICENSE="GPL-3+"
SLOT="0"
KEYWORDS="~amd64 ~arm64 ~x86"

BDEPEND="dev-lang/go"

src_compile() {
	export GOCACHE="${T}/go-build" GOFLAGS="-buildvcs=false" GOPROXY=off
	emake
}

src_install() {
	emake DESTDIR="${D}" PREFIX="${EPREFIX}/usr" install-bin
	insinto /usr/share/applications
	doins bombadillo.desktop
	doman bombadillo.1
	einstalldocs
}
