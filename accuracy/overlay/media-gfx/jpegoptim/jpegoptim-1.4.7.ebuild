# Copyright 2026 Ebuild Audit Authors
# Distributed under the terms of the MIT license

EAPI=8

DESCRIPTION="Optimizes JPEG files"
HOMEPAGE="https://github.com/tjko/jpegoptim"
SRC_URI="https://github.com/tjko/jpegoptim/archive/RELEASE.${PV}.tar.gz -> ${P}.tar.gz"
S="${WORKDIR}/${PN}-RELEASE.${PV}"

LICENSE="GPL-3+"
SLOT="0"
KEYWORDS="~amd64 ~arm64 ~x86"

RDEPEND="media-libs/libjpeg-turbo:="
DEPEND="${RDEPEND}"

src_install() {
	dobin jpegoptim
	doman jpegoptim.1
	einstalldocs
}
