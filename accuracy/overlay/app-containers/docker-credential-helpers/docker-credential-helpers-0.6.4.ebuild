# Copyright 2026 Ebuild Audit Authors
# Distributed under the terms of the MIT license

EAPI=8

inherit go-module

DESCRIPTION="Keeps the passwords of Docker in a secret service"
HOMEPAGE="https://github.com/docker/docker-credential-helpers"
SRC_URI="https://github.com/docker/docker-credential-helpers/archive/v${PV}.tar.gz -> ${P}.tar.gz"

LICENSE="MIT"
SLOT="0"
KEYWORDS="~amd64 ~arm64 ~x86"

RDEPEND="
	app-crypt/libsecret
	dev-libs/glib:2
"
DEPEND="${RDEPEND}"
BDEPEND="virtual/pkgconfig"

src_prepare() {
	default
	# for Windows
	ego mod edit -droprequire github.com/danieljoos/wincred -droprequire golang.org/x/sys
}

src_compile() {
	mkdir bin || die
	ego build -o bin/docker-credential-secretservice secretservice/cmd/main_linux.go
}

src_install() {
	dobin bin/docker-credential-secretservice
	einstalldocs
}
