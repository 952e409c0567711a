# @ECLASS: qmake-utils.eclass
# @BLURB: runs qmake of Qt 5
if [[ -z ${_QMAKE_UTILS_ECLASS} ]]; then
_QMAKE_UTILS_ECLASS=1

inherit toolchain-funcs

qt5_get_bindir() {
	local folder
	for folder in "${EPREFIX}/usr/$(get_libdir)/qt5/bin" "${EPREFIX}/usr/lib/qt5/bin"; do
		[[ -x ${folder}/qmake ]] && break
	done
	echo "${folder}"
}

eqmake5() {
	set -- "$(qt5_get_bindir)/qmake" -makefile \
		QMAKE_CC="$(tc-getCC)" \
		QMAKE_CXX="$(tc-getCXX)" \
		QMAKE_LINK="$(tc-getCXX)" \
		QMAKE_CFLAGS="${CFLAGS}" \
		QMAKE_CXXFLAGS="${CXXFLAGS}" \
		QMAKE_LFLAGS="${LDFLAGS}" \
		QMAKE_STRIP= \
		"$@"
	echo "$@" >&2
	"$@" || die "qmake failed"
}

fi
