/** Compares three tables of the same files: their kinds, the files that only builds need, and the folders that programs list. */
import { dirname } from 'node:path/posix';
import { describe, expect, test } from 'vitest';
import { isDevelopmentFile } from '../../server/src/installed/visible-set.ts';
import { classifyPath, isLookedThrough, type PathClass } from '../../server/src/trace/path-class.ts';
import { variableFor } from '../../server/src/trace/use-kind.ts';

/** Files that are hidden in a package whose visibility is `runtime`. `link`: as a symbolic link. */
const DEVELOPMENT: readonly (readonly [path: string, kind: PathClass, link?: 'link'])[] = [
  ['/usr/include/zlib.h', 'header'],
  ['/usr/include/c++/14/vector', 'header'],
  ['/usr/lib64/libz.a', 'library'],
  ['/usr/lib64/libz.la', 'library'],
  ['/usr/lib64/libz.so', 'library', 'link'],
  ['/usr/lib/x86_64-linux-gnu/libz.so', 'library', 'link'],
  ['/usr/lib64/pkgconfig/zlib.pc', 'pkg-config'],
  ['/usr/share/pkgconfig/xtrans.pc', 'pkg-config'],
  ['/usr/lib64/cmake/ZLIB/ZLIBConfig.cmake', 'cmake'],
  ['/usr/share/cmake/nlohmann_json/nlohmann_jsonTargets.cmake', 'cmake'],
  ['/usr/share/gir-1.0/GLib-2.0.gir', 'description'],
  ['/usr/share/vala/vapi/libxml-2.0.vapi', 'description'],
  // aclocal runs these on the build machine.
  ['/usr/share/aclocal/pkg.m4', 'build-module'],
  ['/usr/share/aclocal-1.16/internal/ac-config-macro-dirs.m4', 'build-module'],
];

/** Files that are visible in a package whose visibility is `runtime`, although something may be built against them. */
const NEEDED_TO_RUN: readonly (readonly [path: string, kind: PathClass])[] = [
  // A program may load it as a plug-in.
  ['/usr/lib64/libfoo.so', 'library'],
  ['/usr/lib64/girepository-1.0/GLib-2.0.typelib', 'description'],
  ['/usr/share/java/junit.jar', 'library'],
  // Parts without which a compiler or an interpreter cannot run.
  ['/usr/lib64/crt1.o', 'library'],
  ['/usr/lib/gcc/x86_64-pc-linux-gnu/14/include/stddef.h', 'header'],
  ['/usr/lib64/perl5/5.40/x86_64-linux/CORE/perl.h', 'header'],
  ['/usr/lib64/ocaml/stdlib.cmxa', 'library'],
  ['/usr/lib64/qt5/mkspecs/modules/qt_lib_core.pri', 'description'],
];

/** Files that programs find by listing their folders. */
const LISTED: readonly (readonly [path: string, kind: PathClass])[] = [
  ['/usr/lib64/cmake/ZLIB', 'cmake'],
  ['/usr/share/cmake/nlohmann_json', 'cmake'],
  ['/usr/lib/python3.12/site-packages/yaml', 'build-module'],
  ['/usr/lib/python3/dist-packages/six.py', 'build-module'],
  ['/usr/share/aclocal/pkg.m4', 'build-module'],
  ['/usr/share/aclocal-1.16/amversion.m4', 'build-module'],
  ['/usr/lib64/qt5/mkspecs/modules/qt_lib_xml.pri', 'description'],
];

const KINDS = Object.keys({
  program: true,
  'build-module': true,
  header: true,
  library: true,
  'pkg-config': true,
  cmake: true,
  description: true,
  data: true,
} satisfies Record<PathClass, true>) as PathClass[];

/** The kinds of files that may be hidden in a package whose visibility is `runtime`. */
const isOfBuilders = (kind: PathClass) => variableFor(kind) === 'DEPEND' || kind === 'build-module';

describe('a file that is only there to build against its package', () => {
  const files = DEVELOPMENT.map(([path, kind, link]) => [path, kind, link !== undefined] as const);
  test.each(files)('%s is of kind %s', (path, kind, isLink) => {
    expect(isDevelopmentFile(path, isLink)).toBe(true);
    expect(classifyPath(path)).toBe(kind);
    expect(isOfBuilders(kind)).toBe(true);
  });

  test('is there for each kind that is built against', () => {
    expect(new Set(DEVELOPMENT.map(([, kind]) => kind))).toEqual(new Set(KINDS.filter(isOfBuilders)));
  });

  test.each(NEEDED_TO_RUN)('%s is not, though it is of kind %s', (path, kind) => {
    expect(isDevelopmentFile(path, false)).toBe(false);
    expect(classifyPath(path)).toBe(kind);
    expect(isOfBuilders(kind)).toBe(true);
  });
});

test.each(LISTED)('%s is missing in the list of its folder as a %s', (path, kind) => {
  expect(isLookedThrough(dirname(path))).toBe(true);
  expect(classifyPath(path)).toBe(kind);
});
