# Copyright 2026 Ebuild Audit Authors
# Distributed under the terms of the MIT license

EAPI=8

inherit toolchain-funcs

DESCRIPTION="Finds the real dependencies of an ebuild by building it with only those visible"
HOMEPAGE="https://github.com/ebuild-audit/ebuild-audit"
SRC_URI="https://github.com/ebuild-audit/ebuild-audit/releases/download/v${PV}/${P}.tgz"
S="${WORKDIR}/package"

LICENSE="MIT"
SLOT="0"
KEYWORDS="~amd64 ~arm64"

RDEPEND="
	>=net-libs/nodejs-20
	sys-apps/bubblewrap
"

src_compile() {
	# the name that Node.js has for the architecture
	local arch=x64
	use arm64 && arch=arm64
	emake -C dist/native/source CC="$(tc-getCC)" CFLAGS="${CFLAGS} ${LDFLAGS}" OUT="${S}/dist/native/${arch}"
}

src_install() {
	insinto /usr/lib/${PN}
	doins -r dist package.json
	fperms +x /usr/lib/${PN}/dist/cli/${PN}.mjs
	local helper
	for helper in dist/native/*/${PN}-native; do
		fperms +x /usr/lib/${PN}/"${helper}"
	done
	dosym -r /usr/lib/${PN}/dist/cli/${PN}.mjs /usr/bin/${PN}
	einstalldocs
}
