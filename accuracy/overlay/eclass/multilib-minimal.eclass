# @ECLASS: multilib-minimal.eclass
# @BLURB: runs the phases of multilib_src_* for each ABI
case ${EAPI} in
	8) ;;
	*) die "${ECLASS}: EAPI ${EAPI:-0} is not supported" ;;
esac

if [[ -z ${_MULTILIB_MINIMAL_ECLASS} ]]; then
_MULTILIB_MINIMAL_ECLASS=1

inherit multilib-build

_multilib_in_build_dir() {
	mkdir -p "${BUILD_DIR}" || die
	pushd "${BUILD_DIR}" >/dev/null || die
	if declare -f "multilib_${1}" >/dev/null; then
		"multilib_${1}"
	else
		default
	fi
	popd >/dev/null || die
}

multilib-minimal_src_configure() {
	local -x ECONF_SOURCE=${ECONF_SOURCE:-${S}}
	multilib_foreach_abi _multilib_in_build_dir src_configure
}
multilib-minimal_src_compile() { multilib_foreach_abi _multilib_in_build_dir src_compile; }
multilib-minimal_src_test() { multilib_foreach_abi _multilib_in_build_dir src_test; }

multilib-minimal_src_install() {
	multilib_foreach_abi _multilib_in_build_dir src_install
	if declare -f multilib_src_install_all >/dev/null; then
		multilib_src_install_all
	else
		einstalldocs
	fi
}

fi

EXPORT_FUNCTIONS src_configure src_compile src_test src_install
