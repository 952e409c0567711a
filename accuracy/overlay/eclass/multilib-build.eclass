# @ECLASS: multilib-build.eclass
# @BLURB: the flags of ABIs, and what is done for each of them
if [[ -z ${_MULTILIB_BUILD_ECLASS} ]]; then
_MULTILIB_BUILD_ECLASS=1

inherit toolchain-funcs

IUSE="abi_x86_32 abi_x86_64"
MULTILIB_USEDEP="abi_x86_32(-)?,abi_x86_64(-)?"

multilib_is_native_abi() { [[ ${MULTILIB_ABI_FLAG} != abi_x86_32 ]]; }
multilib_native_use_enable() { multilib_is_native_abi && use_enable "$@" || echo "--disable-${2:-$1}"; }

multilib_foreach_abi() {
	local -x MULTILIB_ABI_FLAG BUILD_DIR
	if use abi_x86_32; then
		local -x CC="$(tc-getCC) -m32"
		MULTILIB_ABI_FLAG=abi_x86_32
		BUILD_DIR="${WORKDIR}/${P}-${MULTILIB_ABI_FLAG}.x86"
		"$@"
		unset CC
	fi
	MULTILIB_ABI_FLAG=abi_x86_64
	BUILD_DIR="${WORKDIR}/${P}-${MULTILIB_ABI_FLAG}.amd64"
	"$@"
}

fi
