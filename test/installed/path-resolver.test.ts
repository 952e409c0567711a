import { describe, expect, test } from 'vitest';
import { createPathResolver } from '../../server/src/installed/path-resolver.ts';
import type { RootLayout } from '../../server/src/installed/root-layout.ts';

const layout: RootLayout = {
  path: '/gentoo',
  folders: [
    { target: '/usr', source: '/gentoo/usr' },
    { target: '/etc', source: '/gentoo/etc' },
  ],
  links: [
    { path: '/lib', target: 'usr/lib' },
    { path: '/bin', target: 'usr/bin' },
  ],
};
const links: Record<string, string> = {
  '/gentoo/usr/lib/libz.so': 'libz.so.1',
  '/gentoo/usr/lib/libz.so.1': '/usr/lib/libz.so.1.3',
  '/gentoo/usr/bin/cc': '/etc/alternatives/cc',
  '/gentoo/etc/alternatives/cc': '/usr/bin/gcc',
  '/gentoo/usr/loop': '/usr/loop',
};
const resolver = createPathResolver(layout, (path) => links[path]);

describe('resolves a path as the kernel does, inside the root', () => {
  test.each([
    ['/usr/include/zlib.h', '/usr/include/zlib.h', []],
    ['/lib/libz.so', '/usr/lib/libz.so.1.3', ['/lib', '/usr/lib/libz.so', '/usr/lib/libz.so.1']],
    ['/bin/cc', '/usr/bin/gcc', ['/bin', '/usr/bin/cc', '/etc/alternatives/cc']],
    ['/usr/lib/../include//x.h', '/usr/include/x.h', []],
    ['/usr/./include/', '/usr/include', []],
    ['/', '/', []],
  ])('%s', (path, expected, through) => {
    expect(resolver.resolve(path)).toEqual({ path: expected, links: through });
  });

  test('stops at a circle of links', () => {
    expect(resolver.resolve('/usr/loop').path).toBe('/usr/loop');
  });

  test('resolves the parents and not the last component', () => {
    expect(resolver.resolveParents('/lib/libz.so')).toBe('/usr/lib/libz.so');
  });
});
