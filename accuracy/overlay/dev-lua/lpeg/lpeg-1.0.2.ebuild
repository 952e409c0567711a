# Copyright 2026 Ebuild Audit Authors
# Distributed under the terms of the MIT license

EAPI=8

LUA_COMPAT=( lua5-{1..4} )

inherit lua toolchain-funcs

DESCRIPTION="Parsing expression grammars for Lua"
HOMEPAGE="https://www.inf.puc-rio.br/~roberto/lpeg/"
SRC_URI="https://www.inf.puc-rio.br/~roberto/${PN}/${P}.tar.gz"

LICENSE="MIT"
SLOT="0"
KEYWORDS="~amd64 ~arm64 ~x86"
REQUIRED_USE="${LUA_REQUIRED_USE}"

RDEPEND="${LUA_DEPS}"
DEPEND="${RDEPEND}"
BDEPEND="virtual/pkgconfig"

src_prepare() {
	default
	lua_copy_sources
}

lua_src_compile() {
	cd "${BUILD_DIR}" || die
	emake CC="$(tc-getCC)" CFLAGS="${CFLAGS} -std=c99 -fPIC $(lua_get_CFLAGS)" DLLFLAGS="${LDFLAGS} -shared -fPIC" lpeg.so
}

src_compile() {
	lua_foreach_impl lua_src_compile
}

lua_src_install() {
	exeinto "$(lua_get_cmod_dir)"
	doexe "${BUILD_DIR}"/lpeg.so
	insinto "$(lua_get_lmod_dir)"
	doins re.lua
}

src_install() {
	lua_foreach_impl lua_src_install
	einstalldocs
}
