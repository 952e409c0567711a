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
tc-getCPP() { [[ -n \${CPP} ]] || export CPP="$(tc-getCC) -E"; echo "\${CPP}"; }
tc-getCXX() { _tc_tool CXX g++; }
tc-getLD() { _tc_tool LD ld; }
tc-getNM() { _tc_tool NM nm; }
tc-getOBJCOPY() { _tc_tool OBJCOPY objcopy; }
tc-getPKG_CONFIG() { _tc_tool PKG_CONFIG pkg-config; }
tc-getRANLIB() { _tc_tool RANLIB ranlib; }
tc-getSTRIP() { _tc_tool STRIP strip; }
tc-getBUILD_CC() { [[ -n \${BUILD_CC} ]] || export BUILD_CC="$(tc-getCC)"; echo "\${BUILD_CC}"; }

tc-is-gcc() { [[ $($(tc-getCC) -E -dM - <<<'') != *__clang__* ]]; }
tc-is-clang() { ! tc-is-gcc; }
tc-is-cross-compiler() { [[ \${CBUILD:-\${CHOST}} != "\${CHOST}" ]]; }
tc-arch() { echo "\${ARCH}"; }

tc-export() {
	local tool
	for tool in "$@"; do
		"tc-get\${tool}" >/dev/null || die "tc-export: \${tool} is not known"
	done
}

fi
`,
  autotools: `# @ECLASS: autotools.eclass
# @BLURB: makes configure and Makefile.in anew
case \${EAPI} in
	8) ;;
	*) die "\${ECLASS}: EAPI \${EAPI:-0} is not supported" ;;
esac

if [[ -z \${_AUTOTOOLS_ECLASS} ]]; then
_AUTOTOOLS_ECLASS=1

AUTOTOOLS_DEPEND="
	dev-build/autoconf
	dev-build/automake
	dev-build/libtool
"
if [[ \${AUTOTOOLS_AUTO_DEPEND:=yes} != no ]]; then
	BDEPEND="\${AUTOTOOLS_DEPEND}"
fi

autotools_run_tool() {
	echo "$@" >&2
	"$@" || die "\${1} failed"
}

eaclocal() { autotools_run_tool aclocal "$@"; }
eautoconf() { autotools_run_tool autoconf "$@"; }
eautoheader() { autotools_run_tool autoheader "$@"; }
eautomake() { autotools_run_tool automake --add-missing --copy --foreign "$@"; }
elibtoolize() { :; }
eautoreconf() { autotools_run_tool autoreconf --force --install "$@"; }

fi
`,
  'bash-completion-r1': `# @ECLASS: bash-completion-r1.eclass
# @BLURB: installs completions for bash
if [[ -z \${_BASH_COMPLETION_R1_ECLASS} ]]; then
_BASH_COMPLETION_R1_ECLASS=1

get_bashcompdir() { echo "\${EPREFIX}/usr/share/bash-completion/completions"; }
dobashcomp() { ( insopts -m 0644; insinto /usr/share/bash-completion/completions; doins "$@" ); }
newbashcomp() { ( insopts -m 0644; insinto /usr/share/bash-completion/completions; newins "$@" ); }

fi
`,
  'flag-o-matic': `# @ECLASS: flag-o-matic.eclass
# @BLURB: changes compiler and linker flags
if [[ -z \${_FLAG_O_MATIC_ECLASS} ]]; then
_FLAG_O_MATIC_ECLASS=1

inherit toolchain-funcs

append-cppflags() { export CPPFLAGS="\${CPPFLAGS:+\${CPPFLAGS} }$*"; }
append-cflags() { export CFLAGS="\${CFLAGS:+\${CFLAGS} }$*"; }
append-cxxflags() { export CXXFLAGS="\${CXXFLAGS:+\${CXXFLAGS} }$*"; }
append-flags() { append-cflags "$@"; append-cxxflags "$@"; }
append-ldflags() { export LDFLAGS="\${LDFLAGS:+\${LDFLAGS} }$*"; }
append-lfs-flags() { append-cppflags -D_FILE_OFFSET_BITS=64 -D_LARGEFILE_SOURCE -D_LARGEFILE64_SOURCE; }

append-libs() {
	local library
	for library in "$@"; do
		[[ \${library} == -* ]] || library=-l\${library}
		export LIBS="\${LIBS:+\${LIBS} }\${library}"
	done
}

filter-flags() {
	local variable flag pattern kept
	for variable in CPPFLAGS CFLAGS CXXFLAGS LDFLAGS; do
		kept=()
		for flag in \${!variable}; do
			for pattern in "$@"; do
				[[ \${flag} == \${pattern} ]] && continue 2
			done
			kept+=( "\${flag}" )
		done
		export "\${variable}=\${kept[*]}"
	done
}
filter-ldflags() { filter-flags "$@"; }

replace-flags() {
	local variable flag kept
	for variable in CFLAGS CXXFLAGS; do
		kept=()
		for flag in \${!variable}; do
			[[ \${flag} == $1 ]] && flag=$2
			kept+=( "\${flag}" )
		done
		export "\${variable}=\${kept[*]}"
	done
}

is-flagq() {
	local variable flag
	for variable in CFLAGS CXXFLAGS; do
		for flag in \${!variable}; do
			[[ \${flag} == $1 ]] && return 0
		done
	done
	return 1
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
  'perl-module': `# @ECLASS: perl-module.eclass
# @BLURB: builds what has a Makefile.PL
case \${EAPI} in
	8) ;;
	*) die "\${ECLASS}: EAPI \${EAPI:-0} is not supported" ;;
esac

if [[ -z \${_PERL_MODULE_ECLASS} ]]; then
_PERL_MODULE_ECLASS=1

DEPEND="dev-lang/perl"
BDEPEND="dev-lang/perl"
RDEPEND="dev-lang/perl:="

perl-module_src_prepare() { default; }

perl-module_src_configure() {
	set -- perl Makefile.PL PREFIX="\${EPREFIX}/usr" INSTALLDIRS=vendor DESTDIR="\${D}" "\${myconf[@]}"
	echo "$@" >&2
	PERL_MM_USE_DEFAULT=1 "$@" </dev/null || die "Makefile.PL failed"
}

perl-module_src_compile() { emake OPTIMIZE="\${CFLAGS}" "\${mymake[@]}"; }
perl-module_src_test() { emake test TEST_VERBOSE=0; }

perl-module_src_install() {
	emake pure_install
	find "\${D}" -type f \\( -name perllocal.pod -o -name .packlist \\) -delete || die
	find "\${D}" -depth -mindepth 1 -type d -empty -delete || die
	einstalldocs
}

fi

EXPORT_FUNCTIONS src_prepare src_configure src_compile src_test src_install
`,
};
