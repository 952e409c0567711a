# @ECLASS: lua.eclass
# @BLURB: builds for each Lua of LUA_TARGETS
case ${EAPI} in
	8) ;;
	*) die "${ECLASS}: EAPI ${EAPI:-0} is not supported" ;;
esac

if [[ -z ${_LUA_ECLASS} ]]; then
_LUA_ECLASS=1

inherit toolchain-funcs

LUA_DEPS=
LUA_USEDEP=
LUA_REQUIRED_USE=
for _impl in "${LUA_COMPAT[@]}"; do
	_version=${_impl#lua}
	IUSE+=" lua_targets_${_impl}"
	LUA_DEPS+=" lua_targets_${_impl}? ( dev-lang/lua:${_version/-/.} )"
	LUA_USEDEP+=",lua_targets_${_impl}(-)?"
	LUA_REQUIRED_USE+=" lua_targets_${_impl}"
done
LUA_USEDEP=${LUA_USEDEP#,}
LUA_REQUIRED_USE="|| (${LUA_REQUIRED_USE} )"
unset _impl _version

lua_foreach_impl() {
	local impl
	for impl in "${LUA_COMPAT[@]}"; do
		use "lua_targets_${impl}" || continue
		local -x ELUA=${impl/-/.}
		local -x LUA="${EPREFIX}/usr/bin/${ELUA}"
		local -x BUILD_DIR="${WORKDIR}/${P}-${ELUA}"
		"$@" || die "${ELUA}: ${1} failed"
	done
}

lua_copy_sources() {
	lua_foreach_impl eval 'cp -a "${S}" "${BUILD_DIR}"'
}

lua_get_CFLAGS() { "$(tc-getPKG_CONFIG)" --cflags "${ELUA}" || die; }
lua_get_cmod_dir() { echo "${EPREFIX}/usr/$(get_libdir)/lua/${ELUA#lua}"; }
lua_get_lmod_dir() { echo "${EPREFIX}/usr/share/lua/${ELUA#lua}"; }

fi
