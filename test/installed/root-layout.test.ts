import { expect, test } from 'vitest';
import type { FileTree } from '../../server/src/installed/file-tree.ts';
import { readRootLayout } from '../../server/src/installed/root-layout.ts';

/** A root with some links at the top. */
const withLinks = (root: string, links: Readonly<Record<string, string>>): FileTree => ({
  list: async (path) =>
    path === root ? ['usr', ...Object.keys(links)] : path.endsWith('/srv') ? ['file'] : [],
  readLink: async (path) => links[path.slice(path.lastIndexOf('/') + 1)],
  read: async () => undefined,
});

test.each([
  ['/bin', 'an absolute link to the folder of its name'],
  ['/bin/', 'the same with a slash'],
  ['../../bin', 'a relative link there'],
])('a link to %s, %s, leads out of the root', async (link) => {
  expect(await readRootLayout(withLinks('/a/root', { bin: link }), '/a/root')).toEqual({
    path: '/a/root',
    folders: [
      { target: '/usr', source: '/a/root/usr' },
      { target: '/bin', source: '/bin' },
    ],
    links: [],
  });
});

test('other links stay in the root, and what they show is shown', async () => {
  const links = { bin: 'usr/bin', lib: '/usr/lib', opt: '/srv' };
  expect(await readRootLayout(withLinks('/root', links), '/root')).toEqual({
    path: '/root',
    folders: [
      { target: '/usr', source: '/root/usr' },
      { target: '/srv', source: '/root/srv' },
    ],
    links: Object.entries(links).map(([name, target]) => ({ path: `/${name}`, target })),
  });
});
