/** Folders below which multiarch systems keep files of one architecture, as Debian does. */
const ARCHITECTURE = '(?:[^/]+-linux-[^/]+/)?';

/** The folders in which interpreters look for modules, the files that are modules, and the program of the interpreter. */
const PLACES: readonly {
  readonly place: RegExp;
  program(version: string): string;
}[] = [
  {
    place: new RegExp(
      `^/usr/(?:local/)?lib[^/]*/${ARCHITECTURE}((?:python|pypy)\\d[\\d.]*)/(?:site|dist)-packages/.+\\.(?:py|so)$`,
    ),
    program: (name) => name,
  },
  {
    place: new RegExp(`^/usr/(?:local/)?(?:lib[^/]*|share)/${ARCHITECTURE}(perl)5?/.+\\.(?:pm|so)$`),
    program: (name) => name,
  },
  {
    place: /^\/usr\/lib[^/]*\/ruby\/(?:vendor_ruby|site_ruby|gems)\/(\d+\.\d+)[\d.]*\/.+\.(?:rb|so)$/,
    // Gentoo installs ruby32 (ruby-utils.eclass).
    program: (version) => `ruby${version.replace('.', '')}`,
  },
  {
    // LuaJIT loads modules for 5.1 too.
    place: new RegExp(`^/usr/(?:lib[^/]*|share)/${ARCHITECTURE}lua/(5\\.[2-9])/.+\\.(?:lua|so)$`),
    program: (version) => `lua${version}`,
  },
];

/**
 * The program that loads an installed file, because the file is in the folder in which that interpreter looks for modules: `python3.12` for
 * what is in /usr/lib/python3.12/site-packages.
 *
 * @param path of the installed file as it will be on the system
 * @returns undefined if it is no module of Python, Perl, Ruby or Lua
 */
export function interpreterOf(path: string): string | undefined {
  for (const { place, program } of PLACES) {
    const name = place.exec(path)?.[1];
    if (name !== undefined) return program(name);
  }
  return undefined;
}
