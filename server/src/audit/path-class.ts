import type { DependencyVariable } from './record.ts';

/** What a file is for, as far as its place tells. */
export type PathClass =
  | 'program'
  | 'build-module'
  | 'header'
  | 'library'
  | 'pkg-config'
  | 'cmake'
  | 'description'
  | 'data';

const RULES: readonly (readonly [PathClass, RegExp])[] = [
  ['program', /^(\/usr)?(\/local)?\/s?bin\/|^\/opt\/.*\/bin\/|^\/usr\/libexec\//],
  ['header', /^\/usr\/include\/|^\/usr\/lib[^/]*\/(.*\/)?include\/.*\.(h|hh|hpp|hxx)$/],
  ['pkg-config', /\.pc$/],
  ['build-module', /^\/usr\/share\/(aclocal|autoconf|automake|gettext|gtk-doc|meson)[^/]*\//],
  ['build-module', /^\/usr\/lib[^/]*\/(python|perl|ruby)[^/]*\/|^\/usr\/share\/perl/],
  ['cmake', /\/cmake\/.*\.cmake$/],
  ['description', /\.(gir|vapi|typelib)$/],
  ['library', /^(\/usr)?\/lib[^/]*\/(.*\/)?lib[^/]+\.(so|a|la)$/],
];

/** Classifies a resolved path of an installed file; `data` is all that says nothing about how it is used. */
export function classifyPath(path: string): PathClass {
  return RULES.find(([, pattern]) => pattern.test(path))?.[0] ?? 'data';
}

/**
 * The variable that a build-time use of such a file points to: what runs on the build machine to BDEPEND, what is built
 * against to DEPEND (PMS 8.1, table of dependency classes). `data` points nowhere by itself.
 */
export function variableFor(pathClass: PathClass): DependencyVariable | undefined {
  if (pathClass === 'program' || pathClass === 'build-module') return 'BDEPEND';
  return pathClass === 'data' ? undefined : 'DEPEND';
}
