import type { Word } from './word.ts';

type Detail = Partial<Pick<Word, 'since' | 'until'>>;

const install = (name: string, usage: string, summary: string, detail: Detail = {}): Word => ({
  name,
  kind: 'command',
  usage,
  section: '12.3.9',
  where: 'src_install',
  summary,
  ...detail,
});
const installAs = (name: string, sister: string, detail: Detail = {}): Word =>
  install(
    name,
    '<file> <new name>',
    `Installs one file as \`${sister}\` does, under a new name. \`-\` stands for standard input (EAPI 5 and later).`,
    detail,
  );
const choose = (name: string, usage: string, summary: string, detail: Detail = {}): Word => ({
  ...install(name, usage, summary, detail),
  section: '12.3.10',
});

/** PMS 12.3.9 to 12.3.11: what `src_install` installs with. Paths are relative to the image. */
export const INSTALL_COMMANDS: readonly Word[] = [
  install(
    'dobin',
    '<file>…',
    'Installs programs into `/usr/bin`, or the `bin` of the folder that `into` chose.',
  ),
  install('doconfd', '<file>…', 'Installs configuration of init scripts into `/etc/conf.d`.'),
  install('dodir', '<folder>…', 'Makes folders in the image.'),
  install(
    'dodoc',
    '[-r] <file>…',
    'Installs documentation into `/usr/share/doc/${PF}`, or the subfolder that `docinto` chose. `-r` takes folders (EAPI 4 and later).',
  ),
  install('doenvd', '<file>…', 'Installs environment settings into `/etc/env.d`.'),
  install('doexe', '<file>…', 'Installs executable files into the folder that `exeinto` chose.'),
  install('dohard', '<target> <link>', 'Makes a hard link.', { until: 3 }),
  install('doheader', '[-r] <file>…', 'Installs headers into `/usr/include`.', { since: 5 }),
  install('dohtml', '[-r] <file>…', 'Installs HTML documentation. Use `dodoc` with `docinto html`.', {
    until: 6,
  }),
  install('doinfo', '<file>…', 'Installs GNU Info files into `/usr/share/info`.'),
  install('doinitd', '<file>…', 'Installs init scripts into `/etc/init.d`.'),
  install(
    'doins',
    '[-r] <file>…',
    'Installs files with mode 0644, or as `insopts` chose, into the folder that `insinto` chose. `-r` takes folders.',
  ),
  install('dolib', '<file>…', 'Installs libraries. Use `dolib.a` or `dolib.so`.', { until: 6 }),
  install('dolib.a', '<file>…', 'Installs static libraries into `/usr/$(get_libdir)`.'),
  install('dolib.so', '<file>…', 'Installs shared libraries into `/usr/$(get_libdir)`.'),
  install(
    'doman',
    '[-i18n=<language>] <file>…',
    'Installs manual pages into the section that their suffix names.',
  ),
  install('domo', '<file>…', 'Installs message catalogues (`.mo`) for their language.', { until: 8 }),
  install(
    'dosbin',
    '<file>…',
    'Installs programs into `/usr/sbin`, or the `sbin` of the folder that `into` chose.',
  ),
  install(
    'dosym',
    '[-r] <target> <link>',
    'Makes a symbolic link. `-r` turns an absolute target into a relative one (EAPI 8 and later).',
  ),
  install('fowners', '<argument of chown>…', 'Runs `chown` on files of the image.'),
  install('fperms', '<argument of chmod>…', 'Runs `chmod` on files of the image.'),
  install(
    'keepdir',
    '<folder>…',
    'Makes folders, each with a file in it, so that the package manager does not remove them while they are empty.',
  ),
  installAs('newbin', 'dobin'),
  installAs('newconfd', 'doconfd'),
  installAs('newdoc', 'dodoc'),
  installAs('newenvd', 'doenvd'),
  installAs('newexe', 'doexe'),
  installAs('newheader', 'doheader', { since: 5 }),
  installAs('newinitd', 'doinitd'),
  installAs('newins', 'doins'),
  installAs('newlib.a', 'dolib.a'),
  installAs('newlib.so', 'dolib.so'),
  installAs('newman', 'doman'),
  installAs('newsbin', 'dosbin'),
  choose(
    'into',
    '<folder>',
    'Chooses the folder for `dobin`, `dosbin`, `dolib.a` and `dolib.so`; `/usr` by default.',
  ),
  choose('insinto', '<folder>', 'Chooses the folder for `doins` and `newins`.'),
  choose('exeinto', '<folder>', 'Chooses the folder for `doexe` and `newexe`.'),
  choose('docinto', '<folder>', 'Chooses the subfolder of `/usr/share/doc/${PF}` for `dodoc` and `newdoc`.'),
  choose('insopts', '<option of install>…', 'Chooses mode and owner for `doins`, as options of install(1).'),
  choose('diropts', '<option of install>…', 'Chooses mode and owner for `dodir`, as options of install(1).'),
  choose('exeopts', '<option of install>…', 'Chooses mode and owner for `doexe`, as options of install(1).'),
  choose('libopts', '<option of install>…', 'Chooses mode and owner for `dolib`, as options of install(1).', {
    until: 6,
  }),
  {
    ...install(
      'docompress',
      '[-x] <path>…',
      'Adds paths to those whose files are compressed; with `-x`, to those whose files are not.',
      { since: 4 },
    ),
    section: '12.3.11',
  },
  {
    ...install(
      'dostrip',
      '[-x] <path>…',
      'Adds paths to those whose files are stripped; with `-x`, to those whose files are not.',
      { since: 7 },
    ),
    section: '12.3.11',
  },
];
