/** A build may write anything into the files that are searched for versions and names, so the time must grow with their size only. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { readRequiredModules } from '../../../server/src/image/pkg-config-file.ts';
import {
  readCmakeOptions,
  readConfigureOptions,
  readMesonOptions,
} from '../../../server/src/trial/reading/build-options.ts';
import { readCmakeCache, readCmakeChecks } from '../../../server/src/trial/reading/cmake-checks.ts';
import { readMesonChecks, readMesonVariables } from '../../../server/src/trial/reading/meson-checks.ts';
import { readSourceMentions } from '../../../server/src/trial/reading/source-mentions.ts';
import { processorTime } from '../../support/processor-time.ts';

const READERS: Readonly<Record<string, readonly [read: (text: string) => unknown, ...parts: string[]]>> = {
  'CMakeLists.txt': [readCmakeChecks, 'find_package(a 1', 'find_package(a 1)\n', 'find_package( ', '#'],
  'CMakeCache.txt': [
    (text) => readCmakeCache(`FIND_PACKAGE_MESSAGE_DETAILS_a:INTERNAL=${text}`),
    '[',
    '[a]',
    ';/',
    '\na_DIR:PATH=/b',
    '_DIR:PATH=',
  ],
  'meson.build': [
    (text) => [readMesonChecks(text), readMesonVariables(text)],
    "'\\",
    "'''",
    "f'",
    "a='b'\n",
    "dependency('a',version:'>1')\n",
    'dependency(',
    '[',
    "x = f'@a@'\n",
  ],
  'meson_options.txt': [
    readMesonOptions,
    "option('a',type:'feature')\n",
    "option('a'",
    "option('a',",
    'option(',
  ],
  'CMakeCache.txt with options': [readCmakeOptions, 'A:BOOL=ON\n', 'a', 'a:BOOL', '\n'],
  configure: [readConfigureOptions, '--with-a ', '--with', '--disable-a.', '-', '.'],
  'a version': [(text) => readMesonChecks(`dependency('a', version : '${text}x y')`), ' '],
  'a.pc': [readRequiredModules, 'Requires: ', 'a=${a}${a}\n', '= ', 'a '],
};

for (const [name, [read, ...parts]] of Object.entries(READERS)) {
  test.each(parts)(`${name} of %j is read in a time that doubles with its length`, (part) => {
    const [half, whole] = [2 ** 15, 2 ** 16].map((length) => part.repeat(length / part.length));
    const time = (text = '') => processorTime(() => read(text));
    expect(time(whole)).toBeLessThan(3 * time(half) + 50);
  });
}

test('headers in deep folders are known by their last names', () => {
  const top = mkdtempSync(join(tmpdir(), 'ebuild-audit-deep-'));
  try {
    const header = `${'a/'.repeat(1500)}deep/own.h`;
    mkdirSync(dirname(join(top, header)), { recursive: true });
    for (let count = 0; count < 200; count++) writeFileSync(join(top, dirname(header), `own${count}.h`), '');
    writeFileSync(join(top, 'main.c'), '#include <deep/own7.h>\n#include <zlib.h>\n');
    expect([...readSourceMentions(top).includes]).toEqual(['zlib.h']);
  } finally {
    rmSync(top, { recursive: true });
  }
});
