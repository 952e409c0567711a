import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { readBuildOptions } from '../../../server/src/trial/reading/build-options.ts';

/** The options of a build that left these files, as `system values name`. */
function optionsOf(files: Readonly<Record<string, string>>): string[] {
  const layer = mkdtempSync(join(tmpdir(), 'ebuild-audit-options-'));
  try {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(layer, path)), { recursive: true });
      writeFileSync(join(layer, path), text);
    }
    return readBuildOptions([layer]).map(({ system, values, name }) => `${system} ${values} ${name}`);
  } finally {
    rmSync(layer, { recursive: true });
  }
}

test('options of Meson are read from the sources and not from bundled projects', () => {
  const options = `option('introspection', type : 'boolean', value : true)
# option('old', type : 'feature')
option(
  'gtk_doc',
  description : 'docs', type : 'feature',
)
option('backend', type : 'combo', choices : ['a', 'b'])
`;
  expect(
    optionsOf({
      'work/foo-1/meson_options.txt': options,
      'work/foo-1/subprojects/bar/meson_options.txt': "option('bar', type : 'feature')",
    }),
  ).toEqual(['meson boolean introspection', 'meson feature gtk_doc']);
  expect(optionsOf({ 'work/foo-1/meson.options': "option('x', type: 'feature')" })).toEqual([
    'meson feature x',
  ]);
});

test('options of CMake are those of its cache that are on or off', () => {
  const cache = `//Use libpng
WITH_PNG:BOOL=ON
CMAKE_VERBOSE_MAKEFILE:BOOL=OFF
PNG_DIR:PATH=/usr/lib64/cmake/png
`;
  expect(optionsOf({ 'work/foo-1_build/CMakeCache.txt': cache })).toEqual(['cmake boolean WITH_PNG']);
});

test('options of a configure script are those of its help, each once', () => {
  const script = `ac_user_opts='
enable_nls
with_png
'
  --disable-nls           do not use gettext
  --without-png           do not use libpng
  --with-zlib=DIR         where zlib is
  --enable-FEATURE[=ARG]  include FEATURE [ARG=yes]
  { as_fn_error $? "use --without-png."; }
`;
  expect(optionsOf({ 'work/foo-1/configure': script, 'work/foo-1/lib/configure': '--with-own' })).toEqual([
    'configure enable nls',
    'configure with png',
    'configure with zlib',
  ]);
});

test('sources without a build system have none', () => {
  expect(optionsOf({ 'work/foo-1/Makefile': 'all: --with-png' })).toEqual([]);
});
