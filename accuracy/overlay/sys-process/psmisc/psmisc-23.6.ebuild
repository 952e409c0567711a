# Copyright 2026 Ebuild Audit Authors
# Distributed under the terms of the MIT license

EAPI=8

DESCRIPTION="Tools that use the proc file system"
HOMEPAGE="https://gitlab.com/psmisc/psmisc"
SRC_URI="https://gitlab.com/psmisc/psmisc/-/archive/v${PV}/${P}.tar.xz"

LICENSE="GPL-2+"
SLOT="0"
KEYWORDS="~amd64 ~arm64 ~x86"
IUSE="nls selinux"

# killall loads libselinux by dlopen.
RDEPEND="
	sys-libs/ncurses:=
	selinux? ( sys-libs/libselinux )
"
DEPEND="${RDEPEND}"

src_configure() {
	econf \
		--disable-apparmor \
		$(use_enable nls) \
		$(use_enable selinux)
}
