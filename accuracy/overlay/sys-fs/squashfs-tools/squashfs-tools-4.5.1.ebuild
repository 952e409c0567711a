# Copyright 2026 Ebuild Audit Authors
# Distributed under the terms of the MIT license

EAPI=8

inherit toolchain-funcs

DESCRIPTION="Makes and unpacks squashfs file systems"
HOMEPAGE="https://github.com/plougher/squashfs-tools"
SRC_URI="https://github.com/plougher/squashfs-tools/archive/${PV}.tar.gz -> ${P}.tar.gz"

LICENSE="GPL-2+"
SLOT="0"
KEYWORDS="~amd64 ~arm64 ~x86"
IUSE="lz4 lzo xattr zstd"

RDEPEND="
	sys-libs/zlib:=
	lz4? ( app-arch/lz4:= )
	lzo? ( dev-libs/lzo:2 )
	zstd? ( app-arch/zstd:= )
"
DEPEND="${RDEPEND}"

src_compile() {
	tc-export CC
	emake -C squashfs-tools \
		EXTRA_CFLAGS="${CFLAGS}" \
		LZ4_SUPPORT=$(usex lz4 1 "") \
		LZO_SUPPORT=$(usex lzo 1 "") \
		XATTR_SUPPORT=$(usex xattr 1 "") \
		ZSTD_SUPPORT=$(usex zstd 1 "")
}

src_install() {
	dobin squashfs-tools/{mksquashfs,unsquashfs}
	dosym unsquashfs /usr/bin/sqfscat
	dosym mksquashfs /usr/bin/sqfstar
	doman manpages/*.1
	einstalldocs
}
