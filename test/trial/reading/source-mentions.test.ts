import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { mentionsHeader, readSourceMentions } from '../../../server/src/trial/reading/source-mentions.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ebuild-audit-sources-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function write(path: string, text: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
}

test('the headers that the sources include, without their own', () => {
  write('work/hello-1/src/main.c', '#include <zlib.h>\n  # include "glib/gstdio.h"\n#include "config.h"\n');
  write('work/hello-1/src/lex.l', '%{\n#include <png.h>\n%}\n// #include <tiff.h>\n');
  write('work/hello-1/config.h.in', '');
  write('work/hello-1/README', '#include <jpeglib.h>\n');
  symlinkSync('/usr/include', join(folder, 'work/system'));
  const mentions = readSourceMentions(folder);
  expect([...mentions.includes].sort()).toEqual(['glib/gstdio.h', 'png.h', 'zlib.h']);
  expect(mentionsHeader(mentions, '/usr/include/zlib.h')).toBe(true);
  expect(mentionsHeader(mentions, '/usr/include/glib-2.0/glib/gstdio.h')).toBe(true);
  expect(mentionsHeader(mentions, '/usr/include/zconf.h')).toBe(false);
  expect(mentionsHeader(mentions, '/usr/include/bar/config.h')).toBe(false);
});

test('the packages that cmake is asked to find', () => {
  write('work/CMakeLists.txt', 'find_package(ZLIB 1.2 REQUIRED)\nfind_package( "fmt" )\n');
  write('work/cmake/deps.cmake', 'include(CMakeFindDependencyMacro)\nfind_dependency(Threads)\n');
  const { cmakePackages } = readSourceMentions(folder);
  expect([...cmakePackages].sort()).toEqual(['fmt', 'threads', 'zlib']);
});

test.each([
  ['CMakeLists.txt', 'find_package(PkgConfig REQUIRED)', true],
  ['CMakeLists.txt', 'find_package(PkgConfig)', true],
  ['CMakeLists.txt', 'find_package ( PkgConfig QUIET )\npkg_check_modules(PNG libpng)', false],
  ['CMakeLists.txt', 'find_package(PkgConfig QUIET)\npkg_check_modules(PNG REQUIRED libpng)', true],
  ['CMakeLists.txt', '# find_package(PkgConfig REQUIRED)', false],
  ['CMakeLists.txt', 'find_package(PNG REQUIRED)', false],
  ['cmake/FindPOPT.cmake', 'find_package(PkgConfig)\npkg_check_modules(PC_POPT QUIET popt)', false],
  ['cmake/FindPOPT.cmake', 'find_package(PkgConfig REQUIRED)', true],
  ['cmake/dependencies.cmake', 'find_package(PkgConfig)', true],
])('whether cmake needs pkg-config: %s: %s', (name, text, needs) => {
  write(`work/${name}`, `${text}\n`);
  expect(readSourceMentions(folder).cmakePackages.has('pkgconfig')).toBe(needs);
});

test('no sources, no mentions', () => {
  expect(readSourceMentions(join(folder, 'absent'))).toEqual({
    includes: new Set(),
    cmakePackages: new Set(),
  });
});
