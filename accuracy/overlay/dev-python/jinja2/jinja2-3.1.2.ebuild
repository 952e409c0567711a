# Copyright 2026 Ebuild Audit Authors
# Distributed under the terms of the MIT license

EAPI=8

PYTHON_COMPAT=( python3_{10..13} )
DISTUTILS_USE_PEP517=setuptools

inherit distutils-r1

DESCRIPTION="Templates for Python"
HOMEPAGE="https://palletsprojects.com/p/jinja/"
SRC_URI="mirror://pypi/j/jinja2/Jinja2-${PV}.tar.gz"
S="${WORKDIR}/Jinja2-${PV}"

LICENSE="BSD"
SLOT="0"
KEYWORDS="~amd64 ~arm64 ~x86"

RDEPEND=">=dev-python/markupsafe-2.0[${PYTHON_USEDEP}]"
