import { INSTALL_COMMANDS } from './install-commands.ts';
import { DEFAULT_PHASES } from './phases.ts';
import type { Word } from './word.ts';

type Detail = Partial<Pick<Word, 'since' | 'until' | 'where'>>;

const command = (
  name: string,
  usage: string,
  section: string,
  summary: string,
  detail: Detail = {},
): Word => ({
  name,
  kind: 'command',
  usage,
  section: `12.3.${section}`,
  summary,
  ...detail,
});

/** PMS 12.3.1 to 12.3.6: failing, the sandbox, questions to the package manager, and messages. */
const GENERAL: readonly Word[] = [
  command(
    'nonfatal',
    '<command> [<argument>…]',
    '1',
    'Runs a command that would end the build if it failed, and returns its exit status instead.',
    { since: 4 },
  ),
  command('addread', '<path>', '3', 'Lets the sandbox of the package manager read a path.'),
  command('addwrite', '<path>', '3', 'Lets the sandbox of the package manager write to a path.'),
  command('addpredict', '<path>', '3', 'Denies writing to a path without ending the build.'),
  command('adddeny', '<path>', '3', 'Denies access to a path.'),
  command(
    'has_version',
    '[-b|-d|-r] <atom>',
    '4',
    'Succeeds if an installed package matches the atom. `-b`, `-d` and `-r` ask where BDEPEND, DEPEND and RDEPEND are installed (EAPI 7 and later); `-r` is the default.',
  ),
  command(
    'best_version',
    '[-b|-d|-r] <atom>',
    '4',
    'Prints the newest installed `category/package-version` that matches the atom; prints nothing if none does.',
  ),
  command('einfo', '<message>', '5', 'Prints an informational message.'),
  command('einfon', '<message>', '5', 'Prints an informational message without a line break at its end.'),
  command(
    'elog',
    '<message>',
    '5',
    'Prints a message that the user should read after the build; Portage keeps it in the log.',
  ),
  command('ewarn', '<message>', '5', 'Prints a warning.'),
  command('eqawarn', '<message>', '5', 'Prints a warning for ebuild authors.', { since: 7 }),
  command(
    'eerror',
    '<message>',
    '5',
    'Prints an error message. It does not end the build: use `die` for that.',
  ),
  command(
    'ebegin',
    '<message>',
    '5',
    'Prints that something which takes a while begins. `eend` must follow.',
  ),
  command(
    'eend',
    '<status> [<message>]',
    '5',
    'Prints how what `ebegin` announced has ended, and returns the status.',
  ),
  command(
    'die',
    '[-n] [<message>]',
    '6',
    'Ends the build with a message. With `-n` it respects `nonfatal` (EAPI 6 and later). It works in a subshell from EAPI 7 on.',
  ),
  command(
    'assert',
    '[<message>]',
    '6',
    'Calls `die` if any command of the last pipe failed. EAPI 9 has `pipestatus || die` instead.',
    { until: 8 },
  ),
  command(
    'pipestatus',
    '[-v]',
    '6',
    'Fails if any command of the last pipe failed. `-v` prints all exit statuses.',
    { since: 9 },
  ),
];

/** PMS 12.3.7 and 12.3.8: patches and building. */
const BUILDING: readonly Word[] = [
  command(
    'eapply',
    '[<option of patch>…] [--] <file or folder>…',
    '7',
    'Applies patches with `patch -p1`; of a folder, every `*.patch` and `*.diff`. It ends the build if one fails.',
    { since: 6, where: 'src_prepare' },
  ),
  command(
    'eapply_user',
    '',
    '7',
    'Applies the patches of the user. `src_prepare` must call it once; `default` does so.',
    { since: 6, where: 'src_prepare' },
  ),
  command(
    'econf',
    '[<argument of configure>…]',
    '8',
    'Runs `${ECONF_SOURCE:-.}/configure` with the prefix, host and folders of Gentoo and the given arguments. It ends the build if that fails. From EAPI 8 on it passes `--disable-static` where configure knows it.',
    { where: 'src_configure' },
  ),
  command(
    'emake',
    '[<argument of make>…]',
    '8',
    'Runs `${MAKE:-make}` with the user’s MAKEOPTS and the given arguments. It ends the build if that fails (EAPI 4 and later).',
  ),
  command('einstall', '[<argument of make>…]', '8', 'Runs `emake install` for makefiles without DESTDIR.', {
    until: 5,
    where: 'src_install',
  }),
];

/** PMS 12.3.12 and 12.3.13: USE flags and lists. */
const LISTS: readonly Word[] = [
  command(
    'use',
    '[!]<flag>',
    '12',
    'Succeeds if the USE flag is enabled; with `!`, if it is disabled. It prints nothing.',
  ),
  command(
    'usev',
    '[!]<flag> [<text>]',
    '12',
    'Prints the flag, or the text (EAPI 8 and later), if the USE flag is enabled; with `!`, if it is disabled.',
  ),
  command('useq', '<flag>', '12', 'An old name of `use`.', { until: 7 }),
  command(
    'use_with',
    '[!]<flag> [<option> [<value>]]',
    '12',
    'Prints `--with-option[=value]` if the USE flag is enabled, otherwise `--without-option`. The option is the flag’s name by default.',
  ),
  command(
    'use_enable',
    '[!]<flag> [<option> [<value>]]',
    '12',
    'Prints `--enable-option[=value]` if the USE flag is enabled, otherwise `--disable-option`. The option is the flag’s name by default.',
  ),
  command(
    'usex',
    '[!]<flag> [<if on> [<if off> [<suffix if on> [<suffix if off>]]]]',
    '12',
    'Prints `yes` or the second argument if the USE flag is enabled, otherwise `no` or the third, each followed by its suffix.',
    { since: 5 },
  ),
  command('in_iuse', '<flag>', '12', 'Succeeds if the ebuild may ask for the USE flag.', { since: 6 }),
  command(
    'has',
    '<word> [<word of the list>…]',
    '13',
    'Succeeds if the first word is in the list of the others. It prints nothing.',
  ),
  command(
    'hasv',
    '<word> [<word of the list>…]',
    '13',
    'Prints the first word if it is in the list of the others.',
    { until: 7 },
  ),
  command('hasq', '<word> [<word of the list>…]', '13', 'An old name of `has`.', { until: 7 }),
];

/** PMS 12.3.14 to 12.3.16: versions and the rest. */
const OTHERS: readonly Word[] = [
  command(
    'ver_cut',
    '<range> [<version>]',
    '14',
    'Prints components of a version, by default of `${PV}`: `ver_cut 1-2` prints `1.2` of 1.2.3.',
    { since: 7 },
  ),
  command(
    'ver_rs',
    '<range> <separator> [<range> <separator>…] [<version>]',
    '14',
    'Replaces separators of a version, by default of `${PV}`: `ver_rs 1- _` prints `1_2_3` of 1.2.3.',
    { since: 7 },
  ),
  command(
    'ver_test',
    '[<version>] <-eq|-ne|-lt|-le|-gt|-ge> <version>',
    '14',
    'Compares two versions by the rules of PMS 3.3; the first is `${PVR}` by default.',
    { since: 7 },
  ),
  command(
    'ver_replacing',
    '<-eq|-ne|-lt|-le|-gt|-ge> <version>',
    '14',
    'Succeeds if the comparison holds for a version that this package replaces.',
    { since: 9 },
  ),
  command(
    'unpack',
    '<archive>…',
    '15',
    'Unpacks archives into the working directory. A name without a slash is looked up in `${DISTDIR}`.',
    { where: 'src_unpack' },
  ),
  command(
    'inherit',
    '<eclass>…',
    '10.1',
    'Sources eclasses. It must come after EAPI, and not depend on anything but the ebuild’s name.',
  ),
  command('default', '', '15', 'Does what the current phase does in an ebuild that does not define it.', {
    since: 2,
  }),
  command(
    'einstalldocs',
    '',
    '15',
    'Installs the files of `DOCS`, or README, ChangeLog and their like, and those of `HTML_DOCS`.',
    { since: 6, where: 'src_install' },
  ),
  command(
    'get_libdir',
    '',
    '15',
    'Prints the name of the folder of libraries for the current ABI, such as `lib64`.',
    { since: 6 },
  ),
  command(
    'edo',
    '<command> [<argument>…]',
    '15',
    'Prints a command, runs it, and ends the build if it fails. Before EAPI 9, `edo.eclass` has it.',
    { since: 9 },
  ),
  command('dosed', '<expression or file>…', '15', 'Edits installed files with sed.', {
    until: 3,
    where: 'src_install',
  }),
  command('debug-print', '<text>', '16', 'Writes a line to the log of eclass debugging.'),
  command(
    'debug-print-function',
    '<function> [<argument>…]',
    '16',
    'Writes that a function was entered to the log of eclass debugging.',
  ),
];

/** Every command that PMS 12.3 gives to an ebuild. */
export const COMMANDS: readonly Word[] = [
  ...GENERAL,
  ...BUILDING,
  ...INSTALL_COMMANDS,
  ...LISTS,
  ...OTHERS.map((word) => (word.name === 'inherit' ? { ...word, section: '10.1' } : word)),
  ...DEFAULT_PHASES,
];

/** The command of eclasses alone. */
export const EXPORT_FUNCTIONS: Word = {
  name: 'EXPORT_FUNCTIONS',
  kind: 'command',
  usage: '<phase>…',
  section: '10.4',
  summary:
    'Makes `ECLASS_phase` the phase function of ebuilds that inherit the eclass and do not define the phase themselves.',
};
