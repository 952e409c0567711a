# @ECLASS: go-module.eclass
# @BLURB: builds Go modules without the network
case ${EAPI} in
	8) ;;
	*) die "${ECLASS}: EAPI ${EAPI:-0} is not supported" ;;
esac

if [[ -z ${_GO_MODULE_ECLASS} ]]; then
_GO_MODULE_ECLASS=1

inherit toolchain-funcs

BDEPEND=">=dev-lang/go-1.18"

# Some of these libraries are linked into the program.
QA_FLAGS_IGNORED='.*'

go-env_set_compile_environment() {
	tc-export CC CXX PKG_CONFIG
	export CGO_CFLAGS="${CGO_CFLAGS:-${CFLAGS}}"
	export CGO_CPPFLAGS="${CGO_CPPFLAGS:-${CPPFLAGS}}"
	export CGO_CXXFLAGS="${CGO_CXXFLAGS:-${CXXFLAGS}}"
	export CGO_LDFLAGS="${CGO_LDFLAGS:-${LDFLAGS}}"
	export GOCACHE="${T}/go-build"
	export GOMODCACHE="${WORKDIR}/go-mod"
	export GOPROXY=off
	export GOSUMDB=off
	export GOTOOLCHAIN=local
	export GOFLAGS="-buildvcs=false -modcacherw -v"
}

ego() {
	set -- go "$@"
	echo "$@" >&2
	"$@" || die -n "${*} failed"
}

go-module_src_unpack() {
	default
	go-env_set_compile_environment
}

fi

EXPORT_FUNCTIONS src_unpack
