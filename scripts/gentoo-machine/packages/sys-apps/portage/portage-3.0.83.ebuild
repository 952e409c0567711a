# Copyright 2026 Ebuild Audit Authors
# Distributed under the terms of the MIT license

EAPI=8

inherit meson

DESCRIPTION="The package management and distribution system for Gentoo"
HOMEPAGE="https://wiki.gentoo.org/wiki/Project:Portage"
SRC_URI="${P}.tar.gz"

LICENSE="GPL-2"
SLOT="0"
KEYWORDS="~amd64 ~arm64 ~x86"
# pip downloads it, because PyPI has no fixed addresses
RESTRICT="fetch"

RDEPEND="
	>=app-arch/tar-1.27
	>=app-misc/pax-utils-0.1.17
	>=app-shells/bash-5.0:0
	dev-lang/python
	dev-lang/python-exec:2
	>=sys-apps/findutils-4.4
	>=sys-apps/sed-4.0.5
	sys-apps/util-linux
"
DEPEND="dev-lang/python"
BDEPEND="
	dev-lang/python
	dev-lang/python-exec:2
	sys-devel/patch
"

python_version() {
	python3 -c 'import sys; print("python%d.%d" % sys.version_info[:2])' || die
}

src_configure() {
	local emesonargs=(
		-Dportage-bindir="/usr/lib/portage/$(python_version)"
		-Ddocdir="/usr/share/doc/${PF}"
		-Drsync-verify=false
		# the headers of Python are not installed
		-Dnative-extensions=false
	)
	meson_src_configure
}

src_install() {
	meson_src_install
	local program folder scripts="/usr/lib/python-exec/$(python_version)"
	dodir "${scripts}"
	for program in "${ED}"/usr/{bin,sbin}/*; do
		# shell scripts stay
		[[ $(head -n 1 "${program}") == *python* ]] || continue
		folder="${program%/*}"
		program="${program##*/}"
		mv "${folder}/${program}" "${ED}${scripts}/" || die
		sed -i -e "1s:^#!.*:#!/usr/bin/$(python_version):" "${ED}${scripts}/${program}" || die
		dosym ../lib/python-exec/python-exec2 "${folder#"${ED}"}/${program}"
	done
	python3 -m compileall -q "${ED}/usr/lib" || die
	keepdir /var/log/portage/elog
	fowners portage:portage /var/log/portage{,/elog}
	fperms g+s,ug+rwx /var/log/portage{,/elog}
}
