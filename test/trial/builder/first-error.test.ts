import { describe, expect, test } from 'vitest';
import { findFirstError } from '../../../server/src/trial/builder/first-error.ts';

/** Recorded outputs without repeated lines, with the lines that Portage adds. */
const RECORDED: readonly (readonly [tool: string, output: string, expected: string])[] = [
  [
    'autoconf: an undefined macro',
    `configure.ac:2: error: possibly undefined macro: AM_INIT_AUTOMAKE
      If this token and others are legitimate, please use m4_pattern_allow.
      See the Autoconf documentation.
autoreconf: error: /usr/bin/autoconf failed with exit status: 1
`,
    'configure.ac:2: error: possibly undefined macro: AM_INIT_AUTOMAKE',
  ],
  [
    'autoreconf: a tool that is not there',
    `Can't exec "aclocal": No such file or directory at /usr/share/autoconf/Autom4te/FileUtils.pm line 274.
autoreconf: error: aclocal failed with exit status: 2
 * ERROR: app-misc/foo-1::test failed (prepare phase):
`,
    'Can\'t exec "aclocal": No such file or directory at /usr/share/autoconf/Autom4te/FileUtils.pm line 274.',
  ],
  [
    'qmake: a module that is not there',
    `Info: creating stash file /var/work/.qmake.stash
Project ERROR: Unknown module(s) in QT: xml
 * ERROR: app-misc/foo-1::test failed (configure phase):
 *   qmake failed
`,
    'Project ERROR: Unknown module(s) in QT: xml',
  ],
  [
    'configure: a macro that was not expanded',
    `checking for gcc option to enable C11 features... none needed
./configure: line 3084: syntax error near unexpected token \`PNG,libpng'
./configure: line 3084: \`PKG_CHECK_MODULES(PNG,libpng >= 1.6)'
`,
    "./configure: line 3084: syntax error near unexpected token `PNG,libpng' ./configure: line 3084: `PKG_CHECK_MODULES(PNG,libpng >= 1.6)'",
  ],
  [
    'configure: an error in two lines, after answers that look like errors',
    `./configure: line 2711: gtkdoc-check: command not found
checking for doxygen... not found
checking for libpng >= 1.6... no
configure: WARNING: libmagic: error: is not there
configure: error: Package requirements (libpng >= 1.6) were not met:

No package 'libpng' found

Consider adjusting the PKG_CONFIG_PATH environment variable if you
installed software in a non-standard prefix.

!!! Please attach the following file when seeking support:
!!! /var/ebuild-audit-work/portage/a/b-1/work/b-1/config.log
 * ERROR: a/b-1::r failed (configure phase):
 *   econf failed
`,
    "configure: error: Package requirements (libpng >= 1.6) were not met: No package 'libpng' found",
  ],
  [
    'CMake: a package',
    `-- Could NOT find Doxygen (missing: DOXYGEN_EXECUTABLE)
CMake Warning at CMakeLists.txt:4 (find_package):
  By not providing "FindLibArchiv.cmake" in CMAKE_MODULE_PATH this project
  has asked CMake to find it.

CMake Error at CMakeLists.txt:3 (find_package):
  By not providing "FindPNGX.cmake" in CMAKE_MODULE_PATH this project has
  asked CMake to find a package configuration file provided by "PNGX", but
  CMake did not find one.

  Could not find a package configuration file provided by "PNGX" with any of
  the following names:

-- Configuring incomplete, errors occurred!
 * ERROR: a/b-1::r failed (configure phase):
 *   cmake failed
`,
    'CMake Error at CMakeLists.txt:3 (find_package): By not providing "FindPNGX.cmake" in CMAKE_MODULE_PATH this project has asked CMake to find a package configuration file provided by "PNGX", but CMake did not find one.',
  ],
  [
    'CMake: a module of pkg-config that the error itself does not name',
    `-- Checking for module 'libfoo'
--   No package 'libfoo' found
-- Checking for module 'libpngx'
--   Package 'libpngx', required by 'virtual:world', not found
CMake Error at /usr/share/cmake-3.25/Modules/FindPkgConfig.cmake:607 (message):
  A required package was not found
Call Stack (most recent call first):
  CMakeLists.txt:6 (pkg_check_modules)
`,
    "CMake Error at /usr/share/cmake-3.25/Modules/FindPkgConfig.cmake:607 (message): Package 'libpngx', required by 'virtual:world', not found",
  ],
  [
    'ninja: the compiler',
    `[1/2] /usr/bin/cc -MD -MT t.o -DERROR -o t.o -c t.c
FAILED: t.o
/usr/bin/cc -MD -MT t.o -o t.o -c t.c
t.c:1:10: warning: "error: x" [-Wunused]
t.c:3:10: fatal error: pngx.h: No such file or directory
    3 | #include <pngx.h>
compilation terminated.
ninja: build stopped: subcommand failed.
 * ERROR: a/b-1::r failed (compile phase):
 *   ninja -v -j2 failed
`,
    't.c:3:10: fatal error: pngx.h: No such file or directory',
  ],
  [
    'Meson',
    `Program doxygen found: NO
Run-time dependency libfoo found: NO (tried pkgconfig and cmake)

\u001b[31mmeson.build:2:0: ERROR: Dependency "libpng" not found, tried pkgconfig and cmake\u001b[0m

A full log can be found at /w/meson-logs/meson-log.txt
 * ERROR: a/b-1::r failed (configure phase):
 *   (no error message)
`,
    'meson.build:2:0: ERROR: Dependency "libpng" not found, tried pkgconfig and cmake',
  ],
  [
    'make: the linker',
    `cc -Wall -c t.c
t.c:1:31: warning: unused variable 'u' [-Wunused-variable]
cc -o t t.o -lpng
/usr/bin/ld: cannot find -lpng: No such file or directory
collect2: error: ld returned 1 exit status
make: *** [Makefile:3: t] Error 1
 * ERROR: a/b-1::r failed (compile phase):
 *   emake failed
`,
    '/usr/bin/ld: cannot find -lpng: No such file or directory',
  ],
  [
    'make: what is to be made',
    `make[1]: Entering directory '/w'
make[1]: *** No rule to make target 'nothere.c', needed by 'x.o'.  Stop.
make: *** [Makefile:2: all] Error 2
`,
    "make[1]: *** No rule to make target 'nothere.c', needed by 'x.o'.  Stop.",
  ],
  [
    'make: a program',
    `help2man -o x.1 x
make: help2man: No such file or directory
make: *** [Makefile:2: all] Error 127
 * ERROR: a/b-1::r failed (compile phase):
 *   emake failed
`,
    'make: help2man: No such file or directory',
  ],
  ['make: its own error', 'Makefile:2: *** X is not set.  Stop.\n', 'Makefile:2: *** X is not set.  Stop.'],
  ['make: nothing more is known', 'make: *** [Makefile:3: x] Error 1\n', 'make: *** [Makefile:3: x] Error 1'],
  [
    'setuptools',
    `Traceback (most recent call last):
  File "/w/setup.py", line 2, in <module>
    import Cython
ModuleNotFoundError: No module named 'Cython'
`,
    "ModuleNotFoundError: No module named 'Cython'",
  ],
  [
    'setuptools: a compiler',
    `running build_ext
gcc -pthread -Wsign-compare -c e.c -o build/e.o
e.c:1:10: fatal error: png.h: No such file or directory
error: command '/usr/bin/gcc' failed with exit code 1
`,
    'e.c:1:10: fatal error: png.h: No such file or directory',
  ],
  [
    'PEP 517: the backend',
    `ERROR: Exception:
Traceback (most recent call last):
  File "/usr/lib/python3.11/site-packages/pip/_internal/cli/base_command.py", line 180, in exc_logging_wrapper
pip._vendor.pyproject_hooks._impl.BackendUnavailable: Traceback (most recent call last):
  File "<frozen importlib._bootstrap>", line 1140, in _find_and_load_unlocked
ModuleNotFoundError: No module named 'flit_core'
`,
    "ModuleNotFoundError: No module named 'flit_core'",
  ],
  [
    'pytest',
    `tests/test_a.py F
E   AssertionError: assert 1 == 2
FAILED tests/test_a.py::test_one - AssertionError: assert 1 == 2
`,
    'E   AssertionError: assert 1 == 2',
  ],
  [
    'Perl',
    `Warning: prerequisite Foo::Bar 1 not found.
Can't locate Module/Build.pm in @INC (you may need to install the Module::Build module) (@INC contains: /etc/perl) at Build.PL line 1.
BEGIN failed--compilation aborted at Build.PL line 1.
`,
    "Can't locate Module/Build.pm in @INC (you may need to install the Module::Build module) (@INC contains: /etc/perl) at Build.PL line 1.",
  ],
  [
    'Perl: the program',
    `Use of uninitialized value $y in print at t.pl line 1.
Global symbol "$x" requires explicit package name (did you forget to declare "my $x"?) at t.pl line 2.
Execution of t.pl aborted due to compilation errors.
`,
    'Global symbol "$x" requires explicit package name (did you forget to declare "my $x"?) at t.pl line 2.',
  ],
  [
    'Go: a module',
    `go: finding module for package github.com/nosuch/x
main.go:2:8: cannot find module providing package github.com/nosuch/x: module lookup disabled by GOPROXY=off
`,
    'main.go:2:8: cannot find module providing package github.com/nosuch/x: module lookup disabled by GOPROXY=off',
  ],
  ['Go: the program', '# example.org/t\n./main.go:2:20: undefined: f\n', './main.go:2:20: undefined: f'],
  [
    'Go: cgo',
    `# example.org/t
# [pkg-config --cflags  -- libpng]
Package libpng was not found in the pkg-config search path.
Perhaps you should add the directory containing \`libpng.pc'
`,
    'Package libpng was not found in the pkg-config search path.',
  ],
  [
    'Rust: the program',
    `   Compiling t v0.1.0 (/w/t)
warning: unused variable: \`x\`
error[E0432]: unresolved import \`foo\`
 --> src/main.rs:1:5
error: could not compile \`t\` (bin "t") due to 1 previous error
`,
    'error[E0432]: unresolved import `foo`',
  ],
  [
    'Rust: the linker',
    `error: linking with \`cc\` failed: exit status: 1
  = note:  "cc" "-m64" "-lpng"
  = note: rust-lld: error: unable to find library -lpng
          collect2: error: ld returned 1 exit status

error: could not compile \`t\` (bin "t") due to 1 previous error
`,
    '= note: rust-lld: error: unable to find library -lpng',
  ],
  [
    'Rust: a build script',
    `error: failed to run custom build command for \`t v0.1.0 (/w/t)\`
note: To improve backtraces for build dependencies, set CARGO_PROFILE_DEV_BUILD_OVERRIDE_DEBUG=true

Caused by:
  process didn't exit successfully: \`/w/build-script-build\` (exit status: 101)
  --- stderr

  thread 'main' (12228) panicked at build.rs:1:118:
  called \`Result::unwrap()\` on an \`Err\` value: "pkg-config is not there"
`,
    'thread \'main\' (12228) panicked at build.rs:1:118: called `Result::unwrap()` on an `Err` value: "pkg-config is not there"',
  ],
  [
    'patch',
    `patching file a.c
Hunk #1 FAILED at 1.
1 out of 1 hunk FAILED -- saving rejects to file a.c.rej
 * ERROR: a/b-1::r failed (prepare phase):
 *   patch -p1  failed with /w/files/x.patch
`,
    '1 out of 1 hunk FAILED -- saving rejects to file a.c.rej',
  ],
];

describe('the first error of a build', () => {
  test.each(RECORDED)('%s', (_, output, expected) => {
    expect(findFirstError(output)).toBe(expected);
  });
});

describe('the message with which an ebuild dies', () => {
  const died = (words: string, before = '') =>
    `${before} * ERROR: a/b-1::r failed (install phase):\n *   ${words}\n * \n * Call stack:\n`;

  test('counts if no tool has named a reason', () => {
    expect(findFirstError(died('the licence was not accepted'))).toBe('the licence was not accepted');
    // This line is often harmless.
    const harmless = './install.sh: line 3: ldconfig: command not found\n';
    expect(findFirstError(died('the licence was not accepted', harmless))).toBe(
      'the licence was not accepted',
    );
  });

  test('does not hide the reason of a program that failed', () => {
    const reason = 'a.c:1:1: error: expected identifier\n';
    expect(findFirstError(died('no such luck', reason))).toBe(reason.trim());
    expect(findFirstError(died('emake failed', './install.sh: line 3: rst2man: command not found\n'))).toBe(
      './install.sh: line 3: rst2man: command not found',
    );
    expect(findFirstError(died('emake failed', 'one\n'))).toBe('emake failed');
  });
});

describe('a line for a person', () => {
  test.each([
    ['one\ntwo\n', 'two'],
    ['', 'the build ended without output'],
    ['\u001b]0;title\u0007x.c:1:1: error: \u001b[31mred\r\n', 'x.c:1:1: error: red'],
  ])('%j', (output, expected) => {
    expect(findFirstError(output)).toBe(expected);
  });

  test('that is too long is cut', () => {
    expect(findFirstError(`x.c:1:1: error: ${'x'.repeat(100_000)}`).length).toBeLessThan(400);
  });
});
