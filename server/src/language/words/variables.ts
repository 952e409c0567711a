import type { Word } from './word.ts';

type Detail = Partial<Pick<Word, 'since' | 'until' | 'where'>>;

const variable = (name: string, section: string, summary: string, detail: Detail = {}): Word => ({
  name,
  kind: 'variable',
  section,
  summary,
  ...detail,
});

/** The variables that an ebuild sets (PMS 7, and those that the default phases of PMS 9 and commands of PMS 12 read). */
export const EBUILD_VARIABLES: readonly Word[] = [
  variable(
    'EAPI',
    '7.3.1',
    'The version of the ebuild language. It must be the first line that is neither blank nor a comment.',
  ),
  variable('DESCRIPTION', '7.2', 'What the package is, in one short sentence.'),
  variable(
    'HOMEPAGE',
    '7.3',
    'The web pages of the package. They may not contain variables that are derived from its name.',
  ),
  variable(
    'SRC_URI',
    '7.3.2',
    'Where the sources are: URIs, USE conditionals, `uri -> name` (EAPI 2 and later) and `mirror://name/path`.',
  ),
  variable(
    'LICENSE',
    '7.3',
    'The licences of the package, as names of files in `licenses/`; `|| ( )` where the user may choose.',
  ),
  variable(
    'SLOT',
    '7.2',
    'The slot, and after a slash the subslot (EAPI 5 and later). Packages with different slots can be installed side by side; `:=` rebuilds others when the subslot changes.',
  ),
  variable(
    'KEYWORDS',
    '7.3.3',
    'The architectures on which the package works: `amd64` is stable, `~amd64` is being tested, `-amd64` does not work.',
  ),
  variable('IUSE', '7.3', 'The USE flags of the ebuild. `+flag` is on by default.'),
  variable(
    'REQUIRED_USE',
    '7.3.4',
    'Combinations of USE flags that must hold: `foo? ( bar )`, `|| ( )`, `^^ ( )` for exactly one, `?? ( )` for at most one (EAPI 5 and later).',
    { since: 4 },
  ),
  variable(
    'PROPERTIES',
    '7.3.5',
    'Properties of the package: `interactive`, `live`, `test_network`, `test_privileged`.',
  ),
  variable(
    'RESTRICT',
    '7.3.6',
    'What the package manager must not do: `test`, `strip`, `mirror`, `fetch`, `bindist`, `userpriv`.',
  ),
  variable(
    'DEPEND',
    '8.1',
    'The packages that must be installed where the package will run (in `SYSROOT`) to build it: libraries and headers.',
  ),
  variable(
    'BDEPEND',
    '8.1',
    'The packages whose programs run while the package is built, on the machine that builds: `virtual/pkgconfig`, compilers, generators.',
    { since: 7 },
  ),
  variable(
    'RDEPEND',
    '8.1',
    'The packages that must be installed to run the package. It is empty if it is not set (EAPI 4 and later).',
  ),
  variable(
    'PDEPEND',
    '8.1',
    'The packages that must be installed to run the package, but may be installed after it, to break a circle.',
  ),
  variable(
    'IDEPEND',
    '8.1',
    'The packages whose programs `pkg_preinst`, `pkg_postinst`, `pkg_prerm` and `pkg_postrm` run.',
    { since: 8 },
  ),
  variable('S', '11.1', 'The folder in which the source phases start. It is `${WORKDIR}/${P}` by default.'),
  variable(
    'PATCHES',
    '9.1.5',
    'An array of patches, or folders of patches, that the default `src_prepare` applies.',
    { since: 6 },
  ),
  variable('DOCS', '12.3.15', 'The documentation that `einstalldocs` installs, as an array.', { since: 4 }),
  variable(
    'HTML_DOCS',
    '12.3.15',
    'The HTML documentation that `einstalldocs` installs into `html`, as an array.',
    { since: 6 },
  ),
  variable('ECONF_SOURCE', '12.3.8', 'The folder of the configure script that `econf` runs.'),
  variable(
    'QA_PREBUILT',
    'ebuild(5)',
    'Paths of files that were not compiled here, for which Portage skips its checks. Portage reads it; PMS does not define it.',
  ),
];

/** The variables that the package manager sets (PMS 11.1). */
export const GIVEN_VARIABLES: readonly Word[] = [
  variable('P', '11.1', 'Name and version without the revision: `vim-9.1`.'),
  variable('PF', '11.1', 'Name, version and revision: `vim-9.1-r1`.'),
  variable('PN', '11.1', 'The name of the package: `vim`.'),
  variable('CATEGORY', '11.1', 'The category of the package: `app-editors`.'),
  variable('PV', '11.1', 'The version without the revision: `9.1`.'),
  variable('PR', '11.1', 'The revision; `r0` if there is none.'),
  variable('PVR', '11.1', 'Version and revision: `9.1-r1`.'),
  variable('A', '11.1', 'The names of all source files for the chosen USE flags.', {
    where: 'src_*, pkg_nofetch',
  }),
  variable('AA', '11.1', 'The names of all source files for any USE flags.', {
    until: 3,
    where: 'src_*, pkg_nofetch',
  }),
  variable('FILESDIR', '11.1', 'The folder `files` beside the ebuild.', { where: 'src_*' }),
  variable('DISTDIR', '11.1', 'The folder of the source files.', { where: 'src_*' }),
  variable('WORKDIR', '11.1', 'The folder into which the sources are unpacked.', { where: 'src_*' }),
  variable(
    'ROOT',
    '11.1',
    'The root into which the package is merged. It has no slash at its end (EAPI 7 and later).',
    { where: 'pkg_*' },
  ),
  variable('EROOT', '11.1', '`${ROOT}${EPREFIX}`.', { since: 3, where: 'pkg_*' }),
  variable('SYSROOT', '11.1', 'The root in which the packages of DEPEND are.', {
    since: 7,
    where: 'src_*, pkg_setup',
  }),
  variable('ESYSROOT', '11.1', '`${SYSROOT}` with its prefix.', { since: 7, where: 'src_*, pkg_setup' }),
  variable('BROOT', '11.1', 'The root in which the packages of BDEPEND are, with its prefix.', {
    since: 7,
    where: 'src_*, pkg_setup',
  }),
  variable('T', '11.1', 'A folder for temporary files.'),
  variable(
    'TMPDIR',
    '11.1',
    'The temporary folder of the programs that the ebuild runs. Ebuilds use `${T}`.',
  ),
  variable('HOME', '11.1', 'A home folder for the programs that the ebuild runs.'),
  variable('EPREFIX', '11.1', 'The prefix of an offset installation; empty otherwise.', { since: 3 }),
  variable(
    'D',
    '11.1',
    'The image directory into which the package is installed. It has no slash at its end (EAPI 7 and later).',
    { where: 'src_install, pkg_preinst' },
  ),
  variable('ED', '11.1', '`${D}${EPREFIX}`.', { since: 3, where: 'src_install, pkg_preinst' }),
  variable('USE', '11.1', 'The enabled USE flags. Use `use`, `usex` and their like instead.'),
  variable('EBUILD_PHASE', '11.1', 'The name of the current phase without its prefix: `compile`.'),
  variable('EBUILD_PHASE_FUNC', '11.1', 'The name of the current phase function: `src_compile`.', {
    since: 5,
  }),
  variable('MERGE_TYPE', '11.1', 'What is being merged: `source`, `binary` or `buildonly`.', {
    since: 4,
    where: 'pkg_*',
  }),
  variable('REPLACING_VERSIONS', '11.1', 'The installed versions that this package replaces.', {
    since: 4,
    where: 'pkg_preinst, pkg_postinst, pkg_pretend, pkg_setup',
  }),
  variable('REPLACED_BY_VERSION', '11.1', 'The version that replaces this package; empty if it is removed.', {
    since: 4,
    where: 'pkg_prerm, pkg_postrm',
  }),
  variable('INHERITED', '7.4', 'The inherited eclasses.'),
  variable('ECLASS', '7.4', 'The eclass that is being sourced.'),
  variable('PORTDIR', '11.1', 'The folder of the main repository.', { until: 6, where: 'src_*' }),
  variable('ECLASSDIR', '11.1', 'The folder of the eclasses of the main repository.', {
    until: 6,
    where: 'src_*',
  }),
  variable('DESTTREE', '11.1', 'The folder that `into` chose.', { until: 6, where: 'src_install' }),
  variable('INSDESTTREE', '11.1', 'The folder that `insinto` chose.', { until: 6, where: 'src_install' }),
  variable('KV', '11.1', 'The version of the running kernel.', { until: 3 }),
  variable('CBUILD', '12.3.8', 'The platform that builds the package.'),
  variable('CHOST', '12.3.8', 'The platform that runs the package, such as `x86_64-pc-linux-gnu`.'),
  variable('CTARGET', '12.3.8', 'The platform for which a compiler compiles.'),
  variable('CFLAGS', 'make.conf(5)', 'The user’s options for the C compiler.'),
  variable('CXXFLAGS', 'make.conf(5)', 'The user’s options for the C++ compiler.'),
  variable('CPPFLAGS', 'make.conf(5)', 'The user’s options for the preprocessor.'),
  variable('LDFLAGS', 'make.conf(5)', 'The user’s options for the linker.'),
  variable('MAKEOPTS', 'make.conf(5)', 'The user’s options for make, such as `-j8`. `emake` passes them.'),
];
