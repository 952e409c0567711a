# Copyright 2026 Ebuild Audit Authors
# Distributed under the terms of the MIT license

EAPI=8

inherit cmake

DESCRIPTION="Prints the width and height of PNG files"
HOMEPAGE="https://github.com/ebuild-audit/ebuild-audit"
SRC_URI="${P}.tar"

LICENSE="MIT"
SLOT="0"
KEYWORDS="~amd64 ~arm64 ~x86"
# the set-up packs it from the folder sources/ of this repository
RESTRICT="fetch"

RDEPEND="media-libs/libpng:="
DEPEND="${RDEPEND}"
