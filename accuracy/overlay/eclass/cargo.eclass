# @ECLASS: cargo.eclass
# @BLURB: builds with cargo and the crates that CRATES lists as name@version
case ${EAPI} in
	8) ;;
	*) die "${ECLASS}: EAPI ${EAPI:-0} is not supported" ;;
esac

if [[ -z ${_CARGO_ECLASS} ]]; then
_CARGO_ECLASS=1

inherit toolchain-funcs

BDEPEND="virtual/rust"

ECARGO_HOME="${WORKDIR}/cargo_home"
ECARGO_VENDOR="${ECARGO_HOME}/gentoo"

CARGO_CRATE_URIS=
for _crate in ${CRATES}; do
	CARGO_CRATE_URIS+=" https://crates.io/api/v1/crates/${_crate%@*}/${_crate#*@}/download -> ${_crate/@/-}.crate"
done
unset _crate

cargo_src_unpack() {
	mkdir -p "${ECARGO_VENDOR}" "${S}" || die
	local archive
	for archive in ${A}; do
		case ${archive} in
			*.crate)
				tar -x -C "${ECARGO_VENDOR}" -f "${DISTDIR}/${archive}" || die
				printf '{"package":null,"files":{}}' > "${ECARGO_VENDOR}/${archive%.crate}/.cargo-checksum.json" || die
				# the project itself
				if [[ ${archive} == "${P}.crate" ]]; then
					mv "${ECARGO_VENDOR}/${P}" "${WORKDIR}/" || die
				fi
				;;
			*)
				unpack "${archive}"
				;;
		esac
	done
	cat > "${ECARGO_HOME}/config" <<- EOF || die
		[source.gentoo]
		directory = "${ECARGO_VENDOR}"
		[source.crates-io]
		replace-with = "gentoo"
		local-registry = "/nonexistent"
		[net]
		offline = true
		[term]
		color = "never"
	EOF
}

cargo_src_configure() {
	[[ -z ${myfeatures[*]} ]] || ECARGO_ARGS=( --features "${myfeatures[*]}" )
	[[ $1 != --no-default-features ]] || ECARGO_ARGS+=( "$1" )
}

cargo_env() {
	tc-export AR CC CXX PKG_CONFIG
	export CARGO_HOME="${ECARGO_HOME}"
	export PKG_CONFIG_ALLOW_CROSS=1
	"$@"
}

cargo_run() {
	echo cargo "$@" "${ECARGO_ARGS[@]}" >&2
	cargo_env cargo "$@" "${ECARGO_ARGS[@]}" || die "cargo ${1} failed"
}

cargo_src_compile() { cargo_run build --release "$@"; }
cargo_src_test() { cargo_run test --release "$@"; }

cargo_src_install() {
	cargo_run install --path . --root "${ED}/usr" --no-track "$@"
	einstalldocs
}

fi

EXPORT_FUNCTIONS src_unpack src_configure src_compile src_test src_install
