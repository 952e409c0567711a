/** Variables that the package manager or Portage sets or reads (PMS 7.2, 7.3, 11.1; make.conf(5)), and some of bash. */
const VARIABLES = new Set(
  `A BDEPEND BROOT CATEGORY D DEFINED_PHASES DEPEND DESCRIPTION DISTDIR DOCS EAPI EBUILD_PHASE EBUILD_PHASE_FUNC ECLASSDIR ED
  EPREFIX EROOT ESYSROOT FEATURES FILESDIR HOME HOMEPAGE HTML_DOCS IDEPEND INHERITED IUSE IUSE_EFFECTIVE KEYWORDS KV LICENSE
  MERGE_TYPE P PATCHES PATH PDEPEND PF PN PORTDIR PORTAGE_BIN_PATH PR PROPERTIES PV PVR RDEPEND REPLACED_BY_VERSION
  REPLACING_VERSIONS REQUIRED_USE RESTRICT ROOT S SLOT SRC_URI SYSROOT T TMPDIR USE WORKDIR
  ABI ARCH AR AS BUILD_CC BUILD_CFLAGS BUILD_CXX CBUILD CC CFLAGS CHOST CPP CPPFLAGS CTARGET CXX CXXFLAGS ELIBC F77 FC FCFLAGS FFLAGS
  KERNEL LD LDFLAGS MAKEOPTS NM OBJCOPY OBJDUMP PKG_CONFIG RANLIB READELF RUSTFLAGS STRIP USERLAND
  BASHPID BASH_REMATCH BASH_SOURCE BASH_VERSINFO EUID FUNCNAME HOSTNAME IFS LANG LC_ALL LINENO OPTARG OPTIND PIPESTATUS PWD RANDOM
  REPLY SECONDS SHELL UID`.match(/\S+/g) ?? [],
);

/** The phases (PMS 9.1) and their defaults (PMS 12.3.15). */
const PHASES = new Set(
  `pkg_config pkg_info pkg_nofetch pkg_postinst pkg_postrm pkg_preinst pkg_prerm pkg_pretend pkg_setup
  src_compile src_configure src_install src_prepare src_test src_unpack default`.match(/\S+/g) ?? [],
);

/** The reason why the package manager gives this variable its meaning, as a sentence; undefined if it does not. */
export function explainReservedVariable(name: string): string | undefined {
  return VARIABLES.has(name)
    ? `The package manager gives ${name} its meaning, so it cannot have another name.`
    : undefined;
}

/** The reason why the package manager calls this function by its name, as a sentence; undefined if it does not. */
export function explainReservedFunction(name: string): string | undefined {
  return PHASES.has(name) || /^default_(?:src|pkg)_/.test(name)
    ? `The package manager calls ${name} by this name, so it cannot have another one.`
    : undefined;
}
