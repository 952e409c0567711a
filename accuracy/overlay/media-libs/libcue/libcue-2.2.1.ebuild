# Copyright 2026 Ebuild Audit Authors
# Distributed under the terms of the MIT license

EAPI=8

inherit cmake

DESCRIPTION="Parses CUE sheets"
HOMEPAGE="https://github.com/lipnitsk/libcue"
SRC_URI="https://github.com/lipnitsk/libcue/archive/v${PV}.tar.gz -> ${P}.tar.gz"

LICENSE="BSD-2"
SLOT="0"
KEYWORDS="~amd64 ~arm64 ~x86"

BDEPEND="
	sys-devel/bison
	sys-devel/flex
"
