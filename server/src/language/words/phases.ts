import type { Word } from './word.ts';

/** The phase functions of PMS 9.1, in the order in which they are called, and what they do if an ebuild has none. */
export const PHASES: readonly Word[] = [
  phase(
    'pkg_pretend',
    '9.1.2',
    'Checks the system before anything is built, such as the kernel configuration. It runs before dependencies are installed and may not change anything.',
    4,
  ),
  phase(
    'pkg_setup',
    '9.1.3',
    'Prepares the system before the sources are unpacked: checks, users and groups, variables that depend on USE. It does nothing by default.',
  ),
  phase(
    'src_unpack',
    '9.1.4',
    'Unpacks the sources into `${WORKDIR}`, where it starts. By default it calls `unpack ${A}`.',
  ),
  phase(
    'src_prepare',
    '9.1.5',
    'Patches the sources. By default it applies `PATCHES` and calls `eapply_user` (EAPI 6 and later); an own function must call `default` or `eapply_user`.',
    2,
  ),
  phase(
    'src_configure',
    '9.1.6',
    'Configures the sources. By default it calls `econf` if there is a `configure` script in `${ECONF_SOURCE:-.}`.',
    2,
  ),
  phase('src_compile', '9.1.7', 'Builds the package. By default it calls `emake` if there is a makefile.'),
  phase(
    'src_test',
    '9.1.8',
    'Runs the tests of the package, if the user wants tests and `RESTRICT` does not have `test`. By default it calls `emake check` or `emake test`, whichever the makefile has.',
  ),
  phase(
    'src_install',
    '9.1.9',
    'Installs the package into the image directory `${D}`. By default it calls `emake DESTDIR="${D}" install` if there is a makefile, and `einstalldocs` (EAPI 6 and later).',
  ),
  phase(
    'pkg_preinst',
    '9.1.10',
    'Runs before the image is merged into the live system. It may change the image in `${D}`.',
  ),
  phase(
    'pkg_postinst',
    '9.1.11',
    'Runs after the image has been merged into the live system: messages for the user, caches that must be made again.',
  ),
  phase('pkg_prerm', '9.1.12', 'Runs before the package is removed from the live system.'),
  phase('pkg_postrm', '9.1.13', 'Runs after the package has been removed from the live system.'),
  phase(
    'pkg_config',
    '9.1.14',
    'Configures an installed package when the user asks for it with `emerge --config`.',
  ),
  phase(
    'pkg_info',
    '9.1.15',
    'Prints information about an installed package for `emerge --info`. It may be called for a package that is not installed too (EAPI 4 and later).',
  ),
  phase(
    'pkg_nofetch',
    '9.1.16',
    'Tells the user where to get sources that `RESTRICT="fetch"` keeps from being downloaded.',
  ),
];

/** The phases that have a `default_` function (PMS 9.1.17). */
const WITH_DEFAULT = [
  'src_unpack',
  'src_prepare',
  'src_configure',
  'src_compile',
  'src_test',
  'src_install',
  'pkg_nofetch',
];

/** The functions that a phase function can call to do what the phase does by default (PMS 9.1.17). */
export const DEFAULT_PHASES: readonly Word[] = WITH_DEFAULT.map((name) => ({
  name: `default_${name}`,
  kind: 'command',
  summary: `Does what \`${name}\` does in an ebuild that does not define it. In \`${name}\`, plain \`default\` does the same.`,
  where: name,
  since: name === 'src_install' ? 4 : 2,
  section: '9.1.17',
}));

function phase(name: string, section: string, summary: string, since?: number): Word {
  return { name, kind: 'phase', section, summary, ...(since === undefined ? {} : { since }) };
}
