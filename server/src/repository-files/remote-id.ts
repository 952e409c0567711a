/** Where the identifiers of `<remote-id>` lead, by their type (GLEP 68, and the list of types in metadata.dtd). */
const SITES: Readonly<Record<string, string>> = {
  bitbucket: 'https://bitbucket.org/',
  codeberg: 'https://codeberg.org/',
  cpan: 'https://metacpan.org/dist/',
  'cpan-module': 'https://metacpan.org/pod/',
  cran: 'https://cran.r-project.org/package=',
  ctan: 'https://ctan.org/pkg/',
  'freedesktop-gitlab': 'https://gitlab.freedesktop.org/',
  gentoo: 'https://gitweb.gentoo.org/',
  github: 'https://github.com/',
  gitlab: 'https://gitlab.com/',
  'gnome-gitlab': 'https://gitlab.gnome.org/',
  hackage: 'https://hackage.haskell.org/package/',
  heptapod: 'https://foss.heptapod.net/',
  'kde-invent': 'https://invent.kde.org/',
  launchpad: 'https://launchpad.net/',
  osdn: 'https://osdn.net/projects/',
  pear: 'https://pear.php.net/package/',
  pecl: 'https://pecl.php.net/package/',
  pypi: 'https://pypi.org/project/',
  rubygems: 'https://rubygems.org/gems/',
  savannah: 'https://savannah.gnu.org/projects/',
  'savannah-nongnu': 'https://savannah.nongnu.org/projects/',
  sourceforge: 'https://sourceforge.net/projects/',
  sourcehut: 'https://sr.ht/',
  vim: 'https://www.vim.org/scripts/script.php?script_id=',
};

/** The types of which an address is known, and `cpe`, which has none. */
export const REMOTE_TYPES: readonly string[] = [...Object.keys(SITES), 'cpe'].sort();

/** Names and paths: nothing that could lead to another host or out of the folder. */
const IDENTIFIER = /^[\w~+-][\w.~+:-]*(?:\/[\w~+-][\w.~+:-]*)*$/;

/** The address of the web that an identifier means; undefined if the type or the form is not known. */
export function addressOfRemote(type: string, identifier: string): string | undefined {
  const site = Object.hasOwn(SITES, type) ? SITES[type] : undefined;
  return site !== undefined && IDENTIFIER.test(identifier) ? `${site}${identifier}` : undefined;
}
