# Copyright 2026 Ebuild Audit Authors
# Distributed under the terms of the MIT license

EAPI=8

inherit toolchain-funcs

DESCRIPTION="Lists devices of the PCI bus"
HOMEPAGE="https://mj.ucw.cz/sw/pciutils/"
SRC_URI="https://mj.ucw.cz/download/linux/pci/${P}.tar.gz"

LICENSE="GPL-2"
SLOT="0"
KEYWORDS="~amd64 ~arm64 ~x86"
IUSE="zlib"

RDEPEND="zlib? ( sys-libs/zlib:= )"
DEPEND="${RDEPEND}"

pci_make() {
	emake \
		CC="$(tc-getCC)" \
		AR="$(tc-getAR)" \
		RANLIB="$(tc-getRANLIB)" \
		DNS=yes \
		HWDB=no \
		LIBKMOD=no \
		OPT="${CFLAGS}" \
		PREFIX="${EPREFIX}/usr" \
		SHARED=yes \
		STRIP= \
		ZLIB=$(usex zlib) \
		"$@"
}

src_compile() {
	pci_make
}

src_install() {
	pci_make DESTDIR="${D}" install install-lib
	einstalldocs
}
