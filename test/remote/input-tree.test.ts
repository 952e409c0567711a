import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decode } from '../../server/src/reapi/encoding.ts';
import { digestBytes } from '../../server/src/remote/merkle/digest.ts';
import {
  createInputTree,
  type InputFile,
  type MerkleTree,
} from '../../server/src/remote/merkle/input-tree.ts';

function file(text: string, more: Partial<InputFile> = {}): InputFile {
  const content = Buffer.from(text);
  return { blob: { digest: digestBytes(content), content }, isExecutable: false, ...more };
}

function rootOf({ root, blobs }: MerkleTree) {
  return decode('Directory', blobs.get(root.hash)?.content as Uint8Array);
}

describe('a tree', () => {
  test('that is empty is one folder with its mode, of a known digest', () => {
    const { root, blobs } = createInputTree().encode();
    // node_properties (5) { unix_mode (3) { value (1) = 493 } }
    const bytes = Buffer.from([0x2a, 0x05, 0x1a, 0x03, 0x08, 0xed, 0x03]);
    expect([...blobs]).toEqual([[root.hash, { digest: root, content: bytes }]]);
    expect(root).toEqual({ hash: createHash('sha256').update(bytes).digest('hex'), sizeBytes: 7 });
    expect(root.hash).toBe('5cd5ef42d5253c50873cd13db2574f307c78695fdd1018ddb036dae44f60d08c');
  });

  test('has the names of each kind in the order of their bytes', () => {
    // In UTF-16 the first comes before the second; in UTF-8 it does not.
    const names = ['\u{1f600}', '\ufffd', 'b', 'B', 'a.', 'a', 'ü'];
    const inOrder = ['B', 'a', 'a.', 'b', 'ü', '\ufffd', '\u{1f600}'];
    const tree = createInputTree();
    for (const name of names) {
      tree.addFile(`/files/${name}`, file('x'));
      tree.addLink(`/links/${name}`, 'x');
      tree.addFolder(`/folders/${name}`);
    }
    const encoded = tree.encode();
    const { directories = [] } = rootOf(encoded);
    const read = (at: number) =>
      decode('Directory', encoded.blobs.get(directories[at]?.digest?.hash ?? '')?.content as Uint8Array);
    expect(directories.map(({ name }) => name)).toEqual(['files', 'folders', 'links']);
    expect(read(0).files?.map(({ name }) => name)).toEqual(inOrder);
    expect(read(1).directories?.map(({ name }) => name)).toEqual(inOrder);
    expect(read(2).symlinks?.map(({ name }) => name)).toEqual(inOrder);
  });

  test('has the same digest in whichever order it is made', () => {
    const entry = fc.tuple(
      fc.array(fc.constantFrom('a', 'b', '\u{1f600}', '\ufffd'), { minLength: 1, maxLength: 4 }),
      fc.nat(2),
    );
    const shuffled = fc
      .uniqueArray(entry, { maxLength: 12, selector: ([path]) => path.join('/') })
      .chain((entries) =>
        fc.tuple(fc.constant(entries), fc.shuffledSubarray(entries, { minLength: entries.length })),
      );
    const build = (entries: readonly (readonly [readonly string[], number])[]) => {
      const tree = createInputTree();
      // No name of a leaf is one of a folder.
      for (const [path, kind] of entries) {
        const place = `/${path.join('/')}.${['folder', 'file', 'link'][kind]}`;
        if (kind === 0) tree.addFolder(place);
        else if (kind === 1) tree.addFile(place, file(place));
        else tree.addLink(place, place);
      }
      return tree.encode();
    };
    fc.assert(
      fc.property(shuffled, ([entries, others]) => {
        const tree = build(entries);
        const other = build(others);
        expect(other.root).toEqual(tree.root);
        expect([...other.blobs.keys()].sort()).toEqual([...tree.blobs.keys()].sort());
      }),
      { numRuns: 50 },
    );
  });

  test('has every blob under its own digest, and each content once', () => {
    const tree = createInputTree();
    tree.addFile('/a/x', file('same'));
    tree.addFile('/b/x', file('same'));
    const { blobs, fileCount } = tree.encode();
    // The root, one folder for both, and one file.
    expect(blobs.size).toBe(3);
    expect(fileCount).toBe(2);
    for (const [hash, { digest, content }] of blobs) {
      expect(digest).toEqual(digestBytes(content as Uint8Array));
      expect(digest.hash).toBe(hash);
    }
  });

  test('changes its digest with a name, a content, a mode, a time and a target', () => {
    const digestOf = (fill: (tree: ReturnType<typeof createInputTree>) => void) => {
      const tree = createInputTree();
      fill(tree);
      return tree.encode().root.hash;
    };
    const digests = [
      digestOf((tree) => tree.addFile('/a', file('x'))),
      digestOf((tree) => tree.addFile('/b', file('x'))),
      digestOf((tree) => tree.addFile('/a', file('y'))),
      digestOf((tree) => tree.addFile('/a', file('x', { isExecutable: true }))),
      digestOf((tree) => tree.addFile('/a', file('x', { modified: 1n }))),
      digestOf((tree) => tree.addLink('/a', 'x')),
      digestOf((tree) => tree.addLink('/a', 'y')),
      digestOf((tree) => tree.addFolder('/a')),
    ];
    expect(new Set(digests).size).toBe(digests.length);
  });

  test.each([
    [1_700_000_000_123_456_789n, { seconds: 1_700_000_000, nanos: 123_456_789 }],
    [0n, {}],
    [-1n, { seconds: -1, nanos: 999_999_999 }],
    [-2_500_000_000n, { seconds: -3, nanos: 500_000_000 }],
  ])('has the time of a file, %s ns, as seconds and nanoseconds that count forwards', (modified, mtime) => {
    const tree = createInputTree();
    tree.addFile('/a', file('x', { modified }));
    expect(rootOf(tree.encode()).files?.[0]?.nodeProperties).toEqual({ mtime });
  });

  test('knows what is at a path', () => {
    const tree = createInputTree();
    tree.addFile('/a/file', file('x'));
    tree.addLink('/a/link', '../t');
    expect(['/', '/a', '/a/file', '/a/link', '/a/none', '/none/x'].map(tree.find)).toEqual([
      'folder',
      'folder',
      'file',
      { target: '../t' },
      undefined,
      undefined,
    ]);
  });

  test('has no path that is a folder and something else', () => {
    const tree = createInputTree();
    tree.addFile('/file', file('x'));
    tree.addLink('/link', 'y');
    tree.addFolder('/folder');
    for (const path of ['/file', '/link']) {
      expect(() => tree.addFolder(path)).toThrow(`${path} of an input root is a folder and a file`);
      expect(() => tree.addFile(`${path}/below`, file('x'))).toThrow(`${path} of an input root is a folder`);
    }
    expect(() => tree.addFile('/folder', file('x'))).toThrow(
      '/folder of an input root is a folder and a file',
    );
    expect(() => tree.addLink('/folder', 'x')).toThrow('/folder of an input root is a folder and a file');
  });

  test('takes names that objects of JavaScript have', () => {
    const tree = createInputTree();
    for (const name of ['__proto__', 'constructor', 'toString']) tree.addFile(`/${name}`, file(name));
    expect(rootOf(tree.encode()).files?.map(({ name }) => name)).toEqual([
      '__proto__',
      'constructor',
      'toString',
    ]);
  });
});
