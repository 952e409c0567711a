/**
 * Small eclasses of our own for the practice root, which has none of Gentoo's. Each offers the part of the public interface
 * of Gentoo's eclass of that name that plain ebuilds use; on Gentoo the real ones are found first, because they are in its
 * repository.
 */
export const ECLASSES: Readonly<Record<string, string>> = {
  'toolchain-funcs': `# @ECLASS: toolchain-funcs.eclass
# @BLURB: names of the build tools
if [[ -z \${_TOOLCHAIN_FUNCS_ECLASS} ]]; then
_TOOLCHAIN_FUNCS_ECLASS=1

_tc_tool() {
	local variable=$1 name=$2
	[[ -n \${!variable} ]] || export "\${variable}=$(type -P "\${CHOST}-\${name}" >/dev/null && echo "\${CHOST}-\${name}" || echo "\${name}")"
	echo "\${!variable}"
}

tc-getAR() { _tc_tool AR ar; }
tc-getCC() { _tc_tool CC gcc; }
tc-getCXX() { _tc_tool CXX g++; }
tc-getLD() { _tc_tool LD ld; }
tc-getNM() { _tc_tool NM nm; }
tc-getPKG_CONFIG() { _tc_tool PKG_CONFIG pkg-config; }
tc-getRANLIB() { _tc_tool RANLIB ranlib; }

tc-export() {
	local tool
	for tool in "$@"; do
		"tc-get\${tool}" >/dev/null || die "tc-export: \${tool} is not known"
	done
}

fi
`,
  'ninja-utils': `# @ECLASS: ninja-utils.eclass
# @BLURB: runs ninja with the user's MAKEOPTS
if [[ -z \${_NINJA_UTILS_ECLASS} ]]; then
_NINJA_UTILS_ECLASS=1

NINJA_DEPEND="app-alternatives/ninja"

eninja() {
	[[ -n \${NINJA_VERBOSE} ]] || local NINJA_VERBOSE=ON
	local jobs=
	[[ \${MAKEOPTS} =~ -j[[:space:]]*([0-9]+) ]] && jobs=-j\${BASH_REMATCH[1]}
	set -- ninja -v \${jobs} "$@"
	echo "$@" >&2
	"$@" || die -n "\${*} failed"
}

fi
`,
  cmake: `# @ECLASS: cmake.eclass
# @BLURB: builds with cmake and ninja outside the source folder
case \${EAPI} in
	8) ;;
	*) die "\${ECLASS}: EAPI \${EAPI:-0} is not supported" ;;
esac

if [[ -z \${_CMAKE_ECLASS} ]]; then
_CMAKE_ECLASS=1

inherit ninja-utils toolchain-funcs

BDEPEND="
	dev-build/cmake
	\${NINJA_DEPEND}
"

cmake_use_find_package() {
	echo "-DCMAKE_DISABLE_FIND_PACKAGE_$2=$(usex "$1" OFF ON)"
}

cmake_src_prepare() {
	default
	: "\${CMAKE_USE_DIR:=\${S}}"
	: "\${BUILD_DIR:=\${WORKDIR}/\${P}_build}"
	mkdir -p "\${BUILD_DIR}" || die
}

cmake_src_configure() {
	tc-export CC CXX
	local arguments=(
		-G Ninja
		-S "\${CMAKE_USE_DIR}"
		-B "\${BUILD_DIR}"
		-DCMAKE_BUILD_TYPE=Gentoo
		-DCMAKE_INSTALL_PREFIX="\${EPREFIX}/usr"
		-DCMAKE_INSTALL_LIBDIR="$(get_libdir)"
		-DCMAKE_INSTALL_DOCDIR="\${EPREFIX}/usr/share/doc/\${PF}"
		-DBUILD_SHARED_LIBS=ON
		-DCMAKE_C_FLAGS="\${CFLAGS} \${CPPFLAGS}"
		-DCMAKE_CXX_FLAGS="\${CXXFLAGS} \${CPPFLAGS}"
		-DCMAKE_EXE_LINKER_FLAGS="\${LDFLAGS}"
		-DCMAKE_SHARED_LINKER_FLAGS="\${LDFLAGS}"
		-DCMAKE_MODULE_LINKER_FLAGS="\${LDFLAGS}"
		"\${mycmakeargs[@]}"
	)
	pushd "\${BUILD_DIR}" >/dev/null || die
	echo cmake "\${arguments[@]}" >&2
	cmake "\${arguments[@]}" || die "cmake failed"
	popd >/dev/null || die
}

cmake_build() { eninja -C "\${BUILD_DIR}" "$@"; }
cmake_src_compile() { cmake_build "$@"; }
cmake_src_test() { ( cd "\${BUILD_DIR}" && ctest --output-on-failure "$@" ) || die "tests failed"; }

cmake_src_install() {
	DESTDIR="\${D}" cmake_build install "$@"
	pushd "\${S}" >/dev/null || die
	einstalldocs
	popd >/dev/null || die
}

fi

EXPORT_FUNCTIONS src_prepare src_configure src_compile src_test src_install
`,
  meson: `# @ECLASS: meson.eclass
# @BLURB: builds with meson and ninja outside the source folder
case \${EAPI} in
	8) ;;
	*) die "\${ECLASS}: EAPI \${EAPI:-0} is not supported" ;;
esac

if [[ -z \${_MESON_ECLASS} ]]; then
_MESON_ECLASS=1

inherit ninja-utils toolchain-funcs

BDEPEND="
	dev-build/meson
	\${NINJA_DEPEND}
"

meson_use() { usex "$1" "-D\${2-$1}=true" "-D\${2-$1}=false"; }
meson_feature() { usex "$1" "-D\${2-$1}=enabled" "-D\${2-$1}=disabled"; }

meson_src_configure() {
	tc-export CC CXX
	: "\${EMESON_SOURCE:=\${S}}"
	: "\${BUILD_DIR:=\${WORKDIR}/\${P}-build}"
	local arguments=(
		--prefix "\${EPREFIX}/usr"
		--libdir "$(get_libdir)"
		--sysconfdir "\${EPREFIX}/etc"
		--localstatedir "\${EPREFIX}/var/lib"
		--buildtype plain
		--wrap-mode nodownload
		-Db_pch=false
		"\${emesonargs[@]}"
	)
	echo meson setup "\${arguments[@]}" >&2
	meson setup "\${arguments[@]}" "\${EMESON_SOURCE}" "\${BUILD_DIR}" || die "meson failed"
}

meson_src_compile() { eninja -C "\${BUILD_DIR}" "$@"; }
meson_src_test() { meson test --no-rebuild -C "\${BUILD_DIR}" "$@" || die "tests failed"; }

meson_src_install() {
	DESTDIR="\${D}" eninja -C "\${BUILD_DIR}" install "$@"
	pushd "\${S}" >/dev/null || die
	einstalldocs
	popd >/dev/null || die
}

fi

EXPORT_FUNCTIONS src_configure src_compile src_test src_install
`,
};
