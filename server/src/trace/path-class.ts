import type { UseKind } from './use-kind.ts';

/** The purpose of a file, derived from its path. */
export type PathClass = Exclude<UseKind, 'linked' | 'interpreter' | 'named'>;

/** `/usr/lib64`, `/lib`, `/usr/local/lib/x86_64-linux-gnu`, … */
const LIBRARY_FOLDER = '(?:/usr(?:/local)?)?/lib[^/]*(?:/[^/]+-linux-[^/]+)?';

/**
 * The first rule that matches counts. Extend `isLookedThrough` below and `isDevelopmentFile` (installed/visible-set.ts) together with this
 * table: test/trace/path-tables.test.ts compares the three.
 *
 * Sources: Filesystem Hierarchy Standard 3.0 (4.3 to 4.11); pkg-config(1), "PKG_CONFIG_PATH"; cmake-packages(7), "Package Configuration
 * File"; cmake-modules(7); aclocal(1), "--system-acdir"; Python's `sysconfig` and PEP 376 (`.dist-info`); perlvar (`@INC`); the XML
 * catalogues of docbook and the XSL stylesheets; g-ir-scanner(1) and valac(1); Gentoo's python-utils-r1.eclass and toolchain.eclass.
 */
const RULES: readonly (readonly [PathClass, RegExp])[] = [
  // Programs read these to learn which packages are installed, or when they start: that does not show a use.
  [
    'data',
    /\.(dist-info|egg-info)(\/|$)|\.(pth|egg-link)$|\/(site|sitecustomize)\.py$|\/_distutils_hack(\/|$)/,
  ],
  ['header', /^\/usr(\/local)?\/include\/./],
  ['header', /^\/(usr|opt)\/(.*\/)?include\/(.*\/)?[^/]+\.(h|hh|hpp|hxx|inc|ipp|tcc)$/],
  // Perl and others keep their headers beside their modules.
  ['header', /^\/usr\/lib[^/]*\/(.*\/)?[^/]+\.(h|hh|hpp|hxx)$/],
  ['pkg-config', /\/pkgconfig\/[^/]+\.pc$/],
  // Modules of a tool and not descriptions of a package: cmake's own folder, KDE's extra-cmake-modules.
  ['build-module', /\/share\/(cmake(-[\d.]+)?\/Modules|ECM)\//],
  [
    'cmake',
    /\/[^/]+(Config|-config|ConfigVersion|-config-version|Targets?(-[^/]+)?|-targets?(-[^/]+)?)\.cmake$/,
  ],
  ['cmake', /\/(cmake|CMake)\/(.*\/)?[^/]+\.cmake$/],
  // The folder of a package, which programs look for by name.
  ['cmake', /\/(lib[^/]*|share|[^/]+-linux-[^/]+)\/cmake\/[^/.]+$/],
  ['description', /\.(gir|vapi|typelib)$|\/share\/vala[^/]*\/vapi\//],
  [
    'build-module',
    /^\/usr(\/local)?\/share\/(aclocal|autoconf|automake|gettext|gtk-doc|intltool|libtool|meson|vala)[^/]*\//,
  ],
  [
    'build-module',
    /^\/usr\/share\/(gnuconfig|glib-2\.0\/(schemas\/gschema\.dtd|codegen)|gobject-introspection-1\.0)/,
  ],
  [
    'build-module',
    /^\/usr(\/local)?\/(lib[^/]*|share)\/(python|perl|ruby|lua|node_modules|tcl)[^/]*\/(?!.*\/bin\/)/,
  ],
  ['build-module', /^(\/usr|\/etc|\/opt)\/(.*\/)?[^/]+-linux-[^/]+\/perl[^/]*\//],
  ['build-module', /^\/usr\/share\/(xml|sgml|asciidoc|texmf|texmf-dist)\//],
  ['library', new RegExp(`^${LIBRARY_FOLDER}/(g|M|S|r|m)?crt[1in]\\.o$`)],
  ['library', /^(\/usr(\/local)?|\/opt\/.*)?\/lib[^/]*\/(.*\/)?lib[^/]+\.(so|a|la)$/],
  ['library', /^\/usr\/lib[^/]*\/(ocaml|ghc[^/]*|rustlib)\/.*\.(cmx?a|cmi|hi|rlib)$/],
  ['library', /^\/usr\/.*\.jar$/],
  ['description', /\/mkspecs\/modules\/.*\.pri$/],
  [
    'program',
    /\/(s?bin|games|(gcc|binutils)-bin\/[^/]+|python-exec\/[^/]+|git-core|libexec\/(.*\/)?)\/?[^/]+$/,
  ],
];

/** Classifies a resolved path of an installed file; `data` does not show how the file is used. */
export function classifyPath(path: string): PathClass {
  return RULES.find(([, pattern]) => pattern.test(path))?.[0] ?? 'data';
}

const LINKED_BY_NAME = new RegExp(`^${LIBRARY_FOLDER}/[^/]+$`);

/** Whether the linker finds a library at this path without options. In any other folder, a library may be a plug-in. */
export function isInLibraryFolder(path: string): boolean {
  return LINKED_BY_NAME.test(path);
}

/** Whether the linker searches a folder. The path need not be normalised: `/usr/lib/gcc/…/12/../../../x86_64-linux-gnu`. */
export function isLibraryFolder(path: string): boolean {
  return /\/(lib(32|64|x32)?|[^/]+-linux-[^/]+)$/.test(path);
}

/**
 * Whether programs look for packages in a folder by listing it: they never name a file that the list lacks. `RULES` classifies the files
 * there.
 */
export function isLookedThrough(folder: string): boolean {
  return LOOKED_THROUGH.test(folder);
}

const LOOKED_THROUGH = /\/cmake$|\/(site|dist)-packages$|\/share\/aclocal[^/]*$|\/mkspecs\/modules$/;

/**
 * Whether a program may be a part of its package's library, and not a tool: it prints the flags for compiling and linking with the library,
 * such as `xml2-config` or `pg_config`, or it is one of Qt's in a folder of Qt's own, such as `moc`, for which Gentoo's ebuilds have the library
 * in DEPEND. The path alone does not prove it: gcc-config has no library.
 */
export function isPartOfLibrary(path: string): boolean {
  return /\/bin\/(?:[^/]+[-_]config(-?[\d.]+)?|qmake\d*)$|\/qt\d*\/(?:bin|libexec)\/[^/]+$/.test(path);
}

/**
 * Whether every program may read a file for its own sake, so that reading it does not show a dependency. Examples: locales, time zones,
 * libraries that the dynamic linker loads, the system's configuration, terminal descriptions, start-up files of shells, the linker's
 * plug-in folder, compiler wrappers such as ccache.
 */
export function isAmbient(path: string): boolean {
  return AMBIENT.test(path);
}

const AMBIENT = new RegExp(
  [
    '^/etc/',
    '^/usr/(share|lib)/(locale|i18n|zoneinfo|terminfo|nls|bash-completion|mime|icons/[^/]+/index\\.theme)(/|$)',
    '^(/usr)?/lib[^/]*/(terminfo|locale)/',
    '^(/usr)?/lib[^/]*/(.*/)?(gconv|bfd-plugins|ccache|distcc|sccache)/',
    '/s?bin/(ccache|distcc|sccache|icecc|tput|stty|tset|infocmp|resize)$',
    '^/usr/share/misc/magic',
    // Loaded at run time by programs for their own sake, or by the build's own programs: the image shows the libraries of these.
    '\\.so\\.[\\d.]+$',
  ].join('|'),
);
