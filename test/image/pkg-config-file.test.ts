import { expect, test } from 'vitest';
import { hasOnlyVariables } from '../../server/src/image/pkg-config-file.ts';

const HEAD = 'prefix=/usr\ndir=${prefix}/share/x\nName: x\nDescription: x\nVersion: 1\n';

test.each([
  [HEAD, true],
  [`${HEAD}Libs:\nCflags: \n`, true],
  [`${HEAD}Libs: -lx\n`, false],
  [`${HEAD}Cflags: -I\${prefix}/include/x\n`, false],
  [`${HEAD}Requires: y\n`, false],
  [`${HEAD}Requires.private: y\n`, false],
  ['', false],
])('a .pc file without anything to compile or link with has only variables: %j', (text, expected) => {
  expect(hasOnlyVariables(text)).toBe(expected);
});
