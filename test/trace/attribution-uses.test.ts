import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { findNamed } from '../../server/src/trace/denial.ts';
import type { ConnectEvent, TraceEvent } from '../../server/src/trace/event.ts';
import { readPkgConfigCall } from '../../server/src/trace/process/pkg-config-call.ts';
import {
  attribute,
  begin,
  exec,
  type Files,
  list,
  miss,
  named,
  open,
  start,
  stat,
  type TracedRoot,
  tellUses,
  write,
} from './traced-build.ts';

const LIB = '/usr/lib64';

const FILES: Files = {
  '/bin/sh': ['app-shells/bash-5', 'system'],
  '/usr/bin/make': ['dev-build/make-4', 'system'],
  '/usr/bin/gcc': ['sys-devel/gcc-14', 'system'],
  '/usr/libexec/gcc/cc1': ['sys-devel/gcc-14', 'system'],
  '/usr/lib/gcc/include/stddef.h': ['sys-devel/gcc-14', 'system'],
  '/usr/bin/as': ['sys-devel/binutils-2', 'system'],
  '/usr/bin/ld': ['sys-devel/binutils-2', 'system'],
  '/usr/include/zlib.h': ['sys-libs/zlib-1.3', 'declared'],
  [`${LIB}/libz.so`]: ['sys-libs/zlib-1.3', 'declared', `${LIB}/libz.so.1`],
  [`${LIB}/libz.so.1`]: ['sys-libs/zlib-1.3', 'declared'],
  '/usr/include/gtk/gtk.h': ['gui-libs/gtk-4', 'declared'],
  '/usr/include/glib.h': ['dev-libs/glib-2', 'closure'],
  '/usr/bin/python3.12': ['dev-lang/python-3.12', 'package-manager-only'],
  '/usr/bin/python3': ['dev-lang/python-exec-2', 'closure', '/usr/lib/python-exec/python-exec2c'],
  '/usr/bin/meson': ['dev-build/meson-1.5', 'declared'],
  '/usr/lib/python3.12/site-packages/mesonbuild/mesonmain.py': ['dev-build/meson-1.5', 'declared'],
  '/usr/lib/python3.12/site-packages/setuptools/__init__.py': ['dev-python/setuptools-70', 'declared'],
  '/usr/lib/python3.12/site-packages/yaml': ['dev-python/pyyaml-6', 'hidden'],
  '/usr/lib/python3.12/site-packages/zope': ['dev-python/zope-5', 'hidden'],
  '/usr/bin/pkg-config': ['dev-util/pkgconf-2', 'declared'],
  '/usr/bin/xml2-config': ['dev-libs/libxml2-2.12', 'declared'],
  '/usr/bin/gcc-config': ['sys-devel/gcc-config-2', 'declared'],
  '/usr/lib64/qt5/bin/qmake': ['dev-qt/qtcore-5.15', 'declared'],
  '/usr/lib64/qt6/libexec/moc': ['dev-qt/qtbase-6.7', 'declared'],
  [`${LIB}/pkgconfig/libpng.pc`]: ['media-libs/libpng-1.6', 'declared'],
  [`${LIB}/pkgconfig/zlib.pc`]: ['sys-libs/zlib-1.3', 'closure'],
  [`${LIB}/pkgconfig/x11.pc`]: ['x11-libs/libX11-1.8', 'hidden'],
  '/usr/bin/aclocal': ['dev-build/automake-1.16', 'declared'],
  '/usr/bin/autom4te': ['dev-build/autoconf-2.72', 'declared'],
  '/usr/share/aclocal/pkg.m4': ['dev-util/pkgconf-2', 'declared'],
  '/usr/share/aclocal/glib-2.0.m4': ['dev-libs/glib-2', 'closure'],
  '/usr/share/aclocal/vala.m4': ['dev-lang/vala-0.56', 'hidden'],
  '/usr/include/freetype2': ['media-libs/freetype-2', 'hidden'],
  '/usr/share/zoneinfo/UTC': ['sys-libs/timezone-data-2024', 'hidden'],
  '/usr/lib/bfd-plugins/LLVMgold.so': ['llvm-core/llvm-18', 'declared'],
  '/usr/bin/doxygen': ['app-text/doxygen-1.12', 'hidden'],
  '/usr/share/xml/docbook/catalog.xml': ['app-text/docbook-xml-dtd-4.5', 'declared'],
  '/usr/bin/xsltproc': ['dev-libs/libxslt-1.1', 'declared'],
  '/etc/xattr.conf': ['sys-apps/attr-2.5', 'declared'],
  '/usr/bin/cp': ['sys-apps/coreutils-9', 'system'],
  '/usr/bin/env': ['sys-apps/coreutils-9', 'system'],
};

const NEEDS: TracedRoot['needs'] = {
  gcc: ['binutils', 'zlib'],
  python: ['python-exec'],
  meson: ['python', 'python-exec', 'ninja'],
  gtk: ['glib'],
  libpng: ['zlib'],
};

const observe = (events: readonly TraceEvent[], root: Omit<TracedRoot, 'files'> = {}) =>
  attribute({ files: FILES, needs: NEEDS, ...root }, events);

const uses = (events: readonly TraceEvent[], root?: Omit<TracedRoot, 'files'>) =>
  tellUses(observe(events, root).uses());

const configure = begin('configure');
const compile = begin('compile');
/** Process 3 runs the configure script of the ebuild. */
const script = [...configure, start(3, 2), exec(3, '/build/configure', ['configure'], ['/bin/sh'])];
/** Process 4 is make, started by the ebuild. */
const make = [...compile, start(4, 2), exec(4, '/pm/emake'), exec(4, '/usr/bin/make', ['make'])];

describe('what is used', () => {
  test('a header is, although the compiler’s own program needs the same library; its own files and its assembler are not', () => {
    expect(
      uses([
        ...make,
        start(5, 4),
        exec(5, '/usr/bin/gcc', ['gcc', 'a.c']),
        start(6, 5),
        exec(6, '/usr/libexec/gcc/cc1'),
        open(6, '/usr/lib/gcc/include/stddef.h'),
        open(6, '/usr/include/zlib.h'),
        start(7, 5),
        exec(7, '/usr/bin/as'),
        open(7, `${LIB}/libz.so.1`),
      ]),
    ).toEqual(['make: program', 'gcc: program', 'zlib: header']);
  });

  test('a library is what the linker opens, by its link; what programs load is not', () => {
    const attribution = observe([
      ...make,
      start(5, 4),
      exec(5, '/usr/bin/ld'),
      open(5, `${LIB}/libz.so`),
      open(5, '/usr/lib/bfd-plugins/LLVMgold.so'),
      start(6, 4),
      exec(6, '/build/test-program'),
      open(6, `${LIB}/libz.so.1`),
    ]);
    expect(tellUses(attribution.uses())).toEqual(['make: program', 'binutils: program', 'zlib: library']);
    expect(attribution.uses()[2]?.kinds[0]?.evidence).toEqual([
      {
        phase: 'compile',
        program: '/usr/bin/ld',
        chain: ['src_compile', 'make', 'ld'],
        operation: 'read',
        path: `${LIB}/libz.so`,
        result: 'seen',
        count: 1,
      },
    ]);
  });

  test('a library is not where who reads it has listed the folder before: it takes whichever comes first', () => {
    expect(
      uses([
        ...script,
        start(5, 3),
        exec(5, '/usr/bin/meson', ['meson', 'setup']),
        list(5, '/usr/lib/gcc/x86_64-linux-gnu/12/../../../x86_64-linux-gnu'),
        open(5, `${LIB}/libz.so`),
      ]),
    ).toEqual(['bash: program', 'meson: program']);
  });

  test('what is only looked up, listed or changed is not', () => {
    expect(
      uses([
        ...script,
        stat(3, '/usr/include/zlib.h'),
        stat(3, '/usr/bin/meson'),
        list(3, '/usr/include'),
        write(3, '/usr/include/zlib.h'),
      ]),
    ).toEqual(['bash: program']);
  });

  test('a header that another package’s header includes follows from that one', () => {
    const gtkFirst = [open(5, '/usr/include/gtk/gtk.h'), open(5, '/usr/include/glib.h')];
    const begun = [...make, start(5, 4), exec(5, '/usr/libexec/gcc/cc1')];
    expect(uses([...begun, ...gtkFirst]).slice(2)).toEqual(['gtk: header', 'glib: (header)']);
    expect(uses([...begun, ...gtkFirst.toReversed()]).slice(2)).toEqual(['glib: header', 'gtk: header']);
  });

  test('system configuration that a tool reads for itself is not', () => {
    expect(uses([...compile, start(3, 2), exec(3, '/usr/bin/cp'), open(3, '/etc/xattr.conf')])).toEqual([
      'coreutils: program',
    ]);
  });

  test('what prints a library’s flags stands for the library; a tool of a similar name is a program', () => {
    expect(
      uses(
        [
          ...script,
          start(4, 3),
          exec(4, '/usr/bin/xml2-config', ['xml2-config', '--libs'], ['/bin/sh']),
          start(5, 3),
          exec(5, '/usr/bin/gcc-config', ['gcc-config', '-c'], ['/bin/sh']),
          start(6, 3),
          exec(6, '/usr/lib64/qt5/bin/qmake', ['qmake', '-makefile']),
          start(7, 3),
          exec(7, '/usr/lib64/qt6/libexec/moc', ['moc', 'main.h']),
        ],
        { withHeaders: ['libxml2', 'qtcore', 'qtbase'] },
      ),
    ).toEqual([
      'bash: program',
      'libxml2: pkg-config',
      'gcc-config: program',
      'qtcore: pkg-config',
      'qtbase: pkg-config',
    ]);
  });

  test('data that a tool is told to read is a build-time module where its folder says so', () => {
    expect(
      uses([
        ...make,
        start(5, 4),
        exec(5, '/usr/bin/xsltproc'),
        open(5, '/usr/share/xml/docbook/catalog.xml'),
      ]).slice(1),
    ).toEqual(['libxslt: program', 'docbook-xml-dtd: (build-module)']);
  });

  test('what is seen before a phase, or by the package manager, is nobody’s use', () => {
    expect(
      uses([
        start(1, 0),
        open(1, '/usr/include/zlib.h'),
        ...compile,
        start(3, 2),
        exec(3, '/pm/qa-check'),
        open(3, `${LIB}/pkgconfig/libpng.pc`),
      ]),
    ).toEqual([]);
  });
});

describe('whose business an interpreter’s work is', () => {
  const PYTHON = '/usr/bin/python3.12';
  const setuptools = '/usr/lib/python3.12/site-packages/setuptools/__init__.py';

  test('a script of the ebuild makes the interpreter and its modules the ebuild’s', () => {
    expect(
      uses([
        ...compile,
        start(3, 2),
        exec(3, PYTHON, ['python3', '-W', 'ignore', 'setup.py', 'build']),
        open(3, '/build/setup.py'),
        open(3, setuptools),
      ]),
    ).toEqual(['python: program', 'setuptools: build-module']);
  });

  test('what the interpreter loads before it comes to the script is not', () => {
    const begun = [...compile, start(3, 2), exec(3, PYTHON, ['python3', './setup.py', 'build'])];
    const missed = miss(3, '/usr/lib/python3.12/site-packages/yaml');
    const attribution = observe([...begun, open(3, setuptools), missed]);
    expect(tellUses(attribution.uses())).toEqual(['python: program']);
    expect(attribution.denials('compile')).toMatchObject([{ package: { name: 'pyyaml' }, weak: true }]);
    expect(observe([...begun, open(3, '/build/./setup.py'), missed]).denials('compile')).toMatchObject([
      { package: { name: 'pyyaml' }, weak: false },
    ]);
  });

  test('so does one that the kernel starts by its first line, directly or through env', () => {
    expect(uses([...compile, start(3, 2), exec(3, '/build/gen.py', ['gen.py'], [PYTHON])])).toEqual([
      'python: program',
    ]);
    expect(
      uses([
        ...compile,
        start(3, 2),
        exec(3, '/build/gen.py', ['gen.py'], ['/usr/bin/env']),
        exec(3, PYTHON, ['python3', '/build/gen.py']),
      ]),
    ).toEqual(['coreutils: program', 'python: program']);
  });

  test('a package’s own script answers for its interpreter, and for what it says to that in an argument', () => {
    const meson = [...compile, start(3, 2), exec(3, '/usr/bin/meson', ['meson', 'setup'], [PYTHON])];
    expect(
      uses([
        ...meson,
        open(3, '/usr/lib/python3.12/site-packages/mesonbuild/mesonmain.py'),
        start(4, 3),
        exec(4, PYTHON, ['python3', '-c', 'import sys']),
      ]),
    ).toEqual(['meson: program']);
  });

  test('but a script of the project that a tool starts is the project’s', () => {
    expect(
      uses([
        ...compile,
        start(3, 2),
        exec(3, '/usr/bin/meson', ['meson', 'setup'], [PYTHON]),
        start(4, 3),
        exec(4, PYTHON, ['python3', '/build/gen.py']),
      ]),
    ).toEqual(['meson: program', 'python: program']);
  });

  test('a script that is named to its interpreter is what is run', () => {
    expect(
      uses([...compile, start(3, 2), exec(3, PYTHON, ['python3', '-E', '/usr/bin/meson', 'setup'])]),
    ).toEqual(['meson: program']);
  });

  test('a wrapper that hands over to what needs it is a part of that', () => {
    const handOver = (...argv: string[]) =>
      uses([
        ...compile,
        start(3, 2),
        exec(3, '/usr/bin/python3', ['python3', ...argv]),
        exec(3, PYTHON, ['python3', ...argv]),
      ]);
    expect(handOver('gen.py')).toEqual(['python-exec: (program)', 'python: program']);
    expect(handOver('-c', '1')).toEqual(['python-exec: (program)', 'python: program']);
    expect(
      uses([
        ...compile,
        start(3, 2),
        exec(3, '/usr/bin/meson', ['meson', 'setup'], [PYTHON]),
        start(4, 3),
        exec(4, '/usr/bin/python3', ['python3', '-c', '1']),
        exec(4, PYTHON, ['python3', '-c', '1']),
      ]),
    ).toEqual(['meson: program']);
  });

  test('what a shell is told in a line of a Makefile is the Makefile’s', () => {
    expect(
      uses([
        ...make,
        start(5, 4),
        exec(5, '/bin/sh', ['sh', '-ec', 'python3 -c 1']),
        start(6, 5),
        exec(6, PYTHON, ['python3', '-c', '1']),
      ]),
    ).toEqual(['make: program', 'bash: program', 'python: program']);
  });
});

describe('pkg-config', () => {
  const call = (...argv: string[]) => [
    ...script,
    start(4, 3),
    exec(4, '/usr/bin/pkg-config', ['pkg-config', ...argv]),
    open(4, `${LIB}/pkgconfig/libpng.pc`),
    open(4, `${LIB}/pkgconfig/zlib.pc`),
    miss(4, `${LIB}/pkgconfig/x11.pc`),
  ];

  test('what was asked for is used; what that requires is not, and is hardly a reason where it is hidden', () => {
    const attribution = observe(call('--cflags', 'libpng'));
    expect(tellUses(attribution.uses())).toEqual(['bash: program', 'pkgconf: program', 'libpng: pkg-config']);
    expect(attribution.denials('configure').map((denial) => [denial.package.name, denial.weak])).toEqual([
      ['libX11', true],
    ]);
    expect(uses(call('libpng', 'zlib')).slice(2)).toEqual(['libpng: pkg-config', 'zlib: pkg-config']);
    expect(observe(call('x11', 'libpng')).denials('configure')).toMatchObject([
      { package: { name: 'libX11' }, variable: 'DEPEND', weak: false },
    ]);
  });

  test('the version that a check asks for goes with the package of the module', () => {
    const boundsOf = (...argv: string[]) =>
      observe(call(...argv))
        .uses()
        .flatMap((use) =>
          use.bounds.map((bound) => `${use.package.name} ${bound.operator} ${bound.version}`),
        );
    expect(boundsOf('--exists', '--print-errors', 'libpng >= 1.2', 'zlib')).toEqual(['libpng >= 1.2']);
    expect(boundsOf('--exists', 'libpng', '>=', '1.2', 'zlib > 1')).toEqual(['libpng >= 1.2', 'zlib > 1']);
    expect(boundsOf('--atleast-version=1.4', 'libpng')).toEqual(['libpng >= 1.4']);
    expect(boundsOf('--atleast-version', '1.4', 'libpng')).toEqual(['libpng >= 1.4']);
    expect(boundsOf('--modversion', 'libpng')).toEqual([]);
    expect(observe(call('x11 >= 1.8')).denials('configure')[0]?.bounds).toEqual([
      { module: 'x11', operator: '>=', version: '1.8', statedBy: "pkg-config 'x11 >= 1.8'" },
    ]);
  });

  test('a list of arguments that was cut may have asked for anything', () => {
    expect(uses(call(...Array.from({ length: 70 }, (_, i) => `module${i}`)))).toContain('zlib: (pkg-config)');
  });

  test.each([
    [['a,b'], ['a', 'b']],
    [
      ['a>=1,b != 2', 'c'],
      ['a', 'b', 'c'],
    ],
    [['--variable=prefix', 'a'], ['a']],
    [['--define-variable', 'x=1', 'a'], ['a']],
    [['--list-all'], []],
    [['/build/a-uninstalled.pc'], ['a']],
  ])('of %j it asks for %j', (argv, modules) => {
    const read = readPkgConfigCall('/usr/bin/x86_64-pc-linux-gnu-pkg-config', ['pkg-config', ...argv]);
    expect([...(read?.modules ?? ['nothing was read'])]).toEqual(modules);
  });
});

test('a question of the build files to pkg-config is the ebuild’s use of it, even if the build system needs it too', () => {
  const ask = (...argv: string[]) =>
    tellUses(
      observe(
        [
          ...compile,
          start(3, 2),
          exec(3, '/usr/bin/meson', ['meson'], ['/usr/bin/python3.12']),
          start(4, 3),
          exec(4, '/usr/bin/pkg-config', ['pkg-config', ...argv]),
        ],
        { needs: { ...NEEDS, meson: ['python', 'pkgconf'] } },
      ).uses(),
    );
  expect(ask('--modversion', 'libpng')).toEqual(['meson: program', 'pkgconf: program']);
  expect(ask('--version')).toEqual(['meson: program']);
});

describe('macros of autoconf', () => {
  test('aclocal reads all of a folder; used are those that autom4te reads again', () => {
    expect(
      uses([
        ...compile,
        start(3, 2),
        exec(3, '/usr/bin/aclocal', ['aclocal'], ['/usr/bin/perl']),
        open(3, '/usr/share/aclocal/pkg.m4'),
        open(3, '/usr/share/aclocal/glib-2.0.m4'),
        start(4, 3),
        exec(4, '/usr/bin/autom4te', ['autom4te'], ['/usr/bin/perl']),
        open(4, '/usr/share/aclocal/pkg.m4'),
      ]),
    ).toEqual(['automake: program', 'autoconf: (program)', 'pkgconf: (build-module)']);
  });
});

describe('what is hidden in a folder', () => {
  const site = '/usr/lib/python3.12/site-packages';
  const hidden = {
    [`${site}/`]: [`${site}/yaml`, `${site}/zope`],
    '/usr/share/aclocal/': ['/usr/share/aclocal/vala.m4'],
    '/usr/include/freetype2': ['/usr/include/freetype2'],
  };

  test('what the list of a folder lacks is a weak suspect, and the log tells which', () => {
    const denials = observe([...script, list(3, site)], { hidden }).denials('configure');
    expect(denials.map((denial) => [denial.package.name, denial.variable, denial.weak])).toEqual([
      ['pyyaml', 'BDEPEND', true],
      ['zope', 'BDEPEND', true],
    ]);
    const log = '  File "gen.py", line 1\nModuleNotFoundError: No module named \'yaml\'\n';
    expect(denials.filter(findNamed(log)).map((denial) => denial.package.name)).toEqual(['pyyaml']);
  });

  test.each([
    ['/usr/share/aclocal/ax_check_zlib.m4', 'configure.ac:3: error: possibly undefined macro: AX_PTHREAD'],
    ['/usr/share/aclocal/glib-2.0.m4', 'possibly undefined macro: AM_PATH_GLIB_2_0'],
    ['/usr/share/aclocal/pkg.m4', 'PKG_PROG_PKG_CONFIG is missing'],
    ['/usr/lib64/cmake/fmt', 'Could not find a package configuration file provided by "fmt"'],
    ['/usr/lib64/cmake/Qt6Core', 'Could NOT find Qt6Core (missing: Qt6Core_DIR)'],
    ['/usr/lib64/cmake/GTest', 'GTest_DIR-NOTFOUND'],
    ['/usr/lib64/qt5/mkspecs/modules/qt_lib_xml.pri', 'Project ERROR: Unknown module(s) in QT: xml'],
  ])('%s is named by %j, and by no other text', (path, text) => {
    const root: TracedRoot = {
      files: { [path]: ['dev-libs/it-1', 'hidden'] },
      hidden: { '/folder/': [path] },
    };
    const [denial] = attribute(root, [...script, list(3, '/folder')]).denials('configure');
    expect(
      denial && [findNamed(text)(denial), findNamed('configure: error: no acceptable C compiler')(denial)],
    ).toEqual([true, false]);
  });

  test('a folder of headers that is not there is asked for by the compiler’s -I', () => {
    const cc1 = [...make, start(5, 4), exec(5, '/usr/libexec/gcc/cc1')];
    expect(observe([...cc1, miss(5, '/usr/include/freetype2')], { hidden }).denials('compile')).toMatchObject(
      [{ package: { name: 'freetype' }, variable: 'DEPEND', weak: false }],
    );
  });
});

describe('what is hardly ever a reason', () => {
  test.each([
    ['time zones', '/usr/share/zoneinfo/UTC'],
    ['macros that aclocal finds', '/usr/share/aclocal/vala.m4'],
  ])('%s', (_, path) => {
    const aclocal = [...compile, start(3, 2), exec(3, '/usr/bin/aclocal', ['aclocal'], ['/usr/bin/perl'])];
    expect(observe([...aclocal, open(3, path)]).denials('compile')).toMatchObject([{ weak: true }]);
  });

  test('a program that an eclass looks for in PATH, until a script of the build looks for it too', () => {
    const typed = [...script, stat(2, '/usr/bin/doxygen')];
    expect(observe(typed).denials('configure')).toMatchObject([{ weak: true, kinds: ['program'] }]);
    expect(observe([...typed, stat(3, '/usr/bin/doxygen')]).denials('configure')).toMatchObject([
      { weak: false, evidence: [{ chain: ['src_configure', 'configure'] }] },
    ]);
  });
});

describe('incidents', () => {
  const connect = (
    serial: number,
    path: string,
    port: number,
    family: ConnectEvent['family'] = 'inet',
  ): TraceEvent => ({ kind: 'connect', serial, operation: 'connect', family, port, ...named(path) });

  test('a connection to another machine is told with its address', () => {
    const attribution = observe([
      ...make,
      connect(4, '127.0.0.1', 8080),
      connect(4, '::1', 80, 'inet6'),
      connect(4, '192.0.2.1', 443),
      connect(4, '192.0.2.1', 443),
      connect(4, '2001:db8::1', 80, 'inet6'),
      connect(1, '192.0.2.2', 443),
    ]);
    expect(attribution.incidents()).toMatchObject([
      {
        kind: 'network-access',
        evidence: { chain: ['src_compile', 'make'], path: '192.0.2.1:443', count: 2 },
      },
      { kind: 'network-access', evidence: { path: '[2001:db8::1]:80' } },
    ]);
  });

  test('so is a look-up in the name service, but not of the machine’s own name', () => {
    const lookUp = (program: string) =>
      observe([...make, start(5, 4), exec(5, program), connect(5, '127.0.0.53', 53)]).incidents().length;
    expect([lookUp('/usr/bin/wget'), lookUp('/usr/bin/hostname')]).toEqual([1, 0]);
  });

  test('what aclocal and pkgconf read besides, and what a program of a package loads for itself, is not told', () => {
    const paths = [
      '/usr/share/aclocal/other.m4',
      '/usr/lib64/pkgconfig/other.pc',
      '/usr/lib64/pkgconfig/wanted.pc',
      '/usr/lib64/perl5/Other.pm',
    ];
    const [macro, other, wanted, module] = paths as [string, string, string, string];
    const read = (program: string, path: string, argv: string[] = []) =>
      observe([...make, start(5, 4), exec(5, program, [program, ...argv]), open(5, path)], { unowned: paths })
        .incidents()
        .filter(({ kind }) => kind === 'unowned-file')
        .map(({ evidence }) => evidence.path);
    expect(read('/usr/bin/aclocal', macro)).toEqual([]);
    expect(read('/usr/bin/autom4te', macro)).toEqual([macro]);
    expect(read('/usr/bin/pkgconf', other, ['--exists', 'wanted'])).toEqual([]);
    expect(read('/usr/bin/pkgconf', wanted, ['--exists', 'wanted'])).toEqual([wanted]);
    expect(read('/usr/bin/own-script', module)).toEqual([module]);
  });

  test('a header that no package owns is told, once for each program; data are not', () => {
    const paths = ['/usr/local/include/foo.h', '/usr/share/x.cache', '/usr/local/bin/tool'];
    const attribution = observe(
      [
        ...make,
        open(4, '/usr/local/include/foo.h'),
        open(4, '/usr/local/include/foo.h'),
        open(4, '/usr/share/x.cache'),
        open(4, '/usr/local/bin/tool'),
        start(5, 4),
        exec(5, '/usr/local/bin/tool'),
      ],
      { unowned: paths },
    );
    expect(attribution.incidents()).toMatchObject([
      { kind: 'unowned-file', evidence: { operation: 'read', path: '/usr/local/include/foo.h', count: 2 } },
      { kind: 'unowned-file', evidence: { operation: 'execute', path: '/usr/local/bin/tool' } },
    ]);
  });
});

test('a tool that make runs by its plain name is told, and not one that another program runs', () => {
  const attribution = observe([
    ...make,
    start(5, 4),
    exec(5, '/usr/bin/make'),
    start(6, 5),
    exec(6, '/usr/bin/cc'),
    start(7, 6),
    exec(7, '/usr/bin/nm'),
    start(8, 5),
    exec(8, '/bin/sh', ['sh', '-c', 'pkg-config --libs x']),
    start(9, 8),
    exec(9, '/usr/bin/pkg-config'),
    start(10, 5),
    exec(10, '/usr/bin/x86_64-pc-linux-gnu-gcc'),
  ]);
  const plain = attribution.incidents().filter(({ kind }) => kind === 'plain-tool');
  expect(plain.map(({ evidence }) => evidence.path)).toEqual(['/usr/bin/cc', '/usr/bin/pkg-config']);
});

describe('whatever happens', () => {
  const path = fc.constantFrom(
    ...Object.keys(FILES),
    '/build/script.py',
    '/pm/helper',
    '/pm/emake',
    'relative',
  );
  const serial = fc.integer({ min: 1, max: 6 });
  const event: fc.Arbitrary<TraceEvent> = fc.oneof(
    fc.tuple(serial, fc.integer({ min: 0, max: 6 })).map(([child, parent]) => start(child, parent)),
    fc.record({ kind: fc.constant('exited' as const), serial }),
    fc.record({
      kind: fc.constant('exec' as const),
      serial,
      path,
      argv: fc.array(fc.oneof(path, fc.constantFrom('-c', '-m', '-W', '--exists', 'libpng >= 1', 'x11')), {
        maxLength: 5,
      }),
      hops: fc.constant([]),
      interpreters: fc.array(path.map(named), { maxLength: 2 }),
      found: fc.boolean(),
    }),
    fc.record({
      kind: fc.constant('access' as const),
      serial,
      operation: fc.constantFrom('open' as const, 'stat', 'readdir', 'write', 'link'),
      result: fc.constantFrom('file' as const, 'missing', 'unknown'),
      path,
      hops: fc.constant([]),
    }),
    fc.constantFrom('configure', 'compile').map((phase) => exec(2, '/pm/ebuild.sh', ['ebuild.sh', phase])),
  );

  test('used is what is visible, denied is what is hidden, and both have evidence of the ebuild’s own processes', () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 60 }), (events) => {
        const attribution = observe(events);
        const hidden = new Set(
          Object.values(FILES).flatMap(([cpv, licence]) => (licence === 'hidden' ? [cpv] : [])),
        );
        const isHidden = (recorded: { category: string; name: string; version: string }) =>
          hidden.has(`${recorded.category}/${recorded.name}-${recorded.version}`);
        for (const use of attribution.uses()) {
          expect(isHidden(use.package)).toBe(false);
          for (const { evidence } of use.kinds) {
            expect(evidence.length).toBeGreaterThan(0);
            expect(evidence.length).toBeLessThanOrEqual(4);
            expect(evidence.every((piece) => piece.result === 'seen' && piece.phase !== '')).toBe(true);
          }
        }
        for (const phase of ['configure', 'compile']) {
          const denials = attribution.denials(phase);
          expect(denials.every((denial) => isHidden(denial.package) && denial.kinds.length > 0)).toBe(true);
          expect(
            denials.flatMap(({ evidence }) => evidence).every((piece) => piece.result === 'denied'),
          ).toBe(true);
          // Weak denials come last.
          const weak = denials.map((denial) => denial.weak);
          expect(weak).toEqual(weak.toSorted());
        }
      }),
    );
  });

  test('of the package manager’s work nothing is the ebuild’s', () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 40 }), (events) => {
        const own = events
          .filter((event) => event.kind === 'access')
          .map((event) => ({ ...event, serial: 1 }));
        const attribution = observe([start(1, 0), exec(1, '/pm/ebuild'), ...own]);
        expect([attribution.uses(), attribution.denials(''), attribution.incidents()]).toEqual([[], [], []]);
      }),
    );
  });

  test('a call of pkg-config is read whatever its words are, and names are words', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.string(), fc.constantFrom('--exact-version', 'a >= 1', 'b,c'))),
        (words) => {
          const call = readPkgConfigCall('/usr/bin/pkgconf', ['pkgconf', ...words]);
          expect([...(call?.modules ?? [' '])].filter((name) => /[\s,<>=!]/.test(name))).toEqual([]);
          expect(call?.bounds.every(({ module }) => call.modules.has(module))).toBe(true);
        },
      ),
    );
  });
});
