import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createMachineTree } from '../../server/src/remote/input-root/machine-tree.ts';
import { digestBytes } from '../../server/src/remote/merkle/digest.ts';
import type { FileDigests } from '../../server/src/remote/merkle/file-digests.ts';
import { createInputTree } from '../../server/src/remote/merkle/input-tree.ts';
import { readTree } from './read-tree.ts';

let folder: string;
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'machine-tree-')));
});
afterEach(() => rmSync(folder, { recursive: true }));

const at = (path: string) => join(folder, path);
function put(path: string, text = path): void {
  mkdirSync(join(at(path), '..'), { recursive: true });
  writeFileSync(at(path), text);
}

function open(absoluteLinks = true) {
  const tree = createInputTree();
  const digests: FileDigests = {
    describe: (path, { size }) => ({
      digest: { ...digestBytes(Buffer.from(path)), sizeBytes: Number(size) },
      content: { path },
    }),
    save() {},
  };
  const machine = createMachineTree(tree, digests, absoluteLinks);
  return { tree, machine, read: () => readTree(tree.encode(), folder) };
}

describe('of this machine', () => {
  test('a folder is added with everything below it, links as they are', () => {
    put('a/b/file');
    symlinkSync('/nowhere', at('a/absolute'));
    symlinkSync('../a/b', at('a/relative'));
    mkdirSync(at('a/empty'));
    put('outside');
    const { machine, read } = open();
    machine.add(at('a'));
    expect(read()).toEqual([
      'a/',
      'a/absolute -> /nowhere',
      'a/b/',
      'a/b/file',
      'a/empty/',
      'a/relative -> ../a/b',
    ]);
  });

  test('absolute targets become relative if no others are allowed, and lead to the same', () => {
    put('real/deep/file');
    symlinkSync(`${folder}/real/deep/../deep`, at('real/folder'));
    symlinkSync(`/${at('real/deep/file')}`, at('file'));
    symlinkSync('real/./deep', at('relative'));
    symlinkSync('/', at('real/deep/root'));
    const { machine, read } = open(false);
    machine.add(at('real'));
    for (const name of ['file', 'relative']) machine.addLinks(at(name));
    // Sixteen more, for a place that is deeper.
    const up = (levels: number) => '../'.repeat(folder.split('/').length - 1 + levels + 16);
    const inner = folder.slice(1);
    expect(read()).toEqual([
      `file -> ${up(0)}${inner}/real/deep/file`,
      'real/',
      'real/deep/',
      'real/deep/file',
      `real/deep/root -> ${up(2)}`,
      `real/folder -> ${up(1)}${inner}/real/deep/../deep`,
      'relative -> real/./deep',
    ]);
    expect(machine.turned).toBe(3);
  });

  test('a path through a chain of links is added with all of them, and with where they lead', () => {
    put('real/deep/file');
    symlinkSync('real', at('one'));
    symlinkSync(at('one'), at('two'));
    symlinkSync('./../one/../two/deep', at('real/back'));
    const { machine, read } = open();
    machine.add(at('two/back/file'));
    expect(read()).toEqual([
      'one -> real',
      'real/',
      'real/back -> ./../one/../two/deep',
      'real/deep/',
      'real/deep/file',
      `two -> ${at('one')}`,
    ]);
  });

  test('only links are added if only they are wanted', () => {
    put('real/file');
    symlinkSync('real', at('link'));
    symlinkSync('file', at('real/last'));
    const { machine, read } = open();
    machine.addLinks(at('link/last'));
    expect(read()).toEqual(['link -> real', 'real/', 'real/last -> file']);
  });

  test('links in a loop end', () => {
    symlinkSync('b', at('a'));
    symlinkSync('a', at('b'));
    symlinkSync('self/x', at('self'));
    const { machine, read } = open();
    for (const path of ['a', 'a/below', 'self', 'self/below']) machine.add(at(path));
    machine.addLinks(at('self/below/more'));
    expect(read()).toEqual(['a -> b', 'b -> a', 'self -> self/x']);
  });

  test('what is not there is not added', () => {
    put('file');
    const { machine, read } = open();
    for (const path of ['none', 'none/below', 'file/below']) machine.add(at(path));
    expect(read()).toEqual([]);
  });

  test('names and targets that are not UTF-8 are counted and left out, and U+FFFD is a character like any other', () => {
    put('a/\ufffd');
    execFileSync('bash', [
      '-c',
      `cd '${at('a')}' && : > $'x\\xff' && mkdir $'\\xfe' && : > $'\\xfe/in' && ln -s $'t\\xff' link`,
    ]);
    const { machine, read } = open();
    machine.add(at('a'));
    expect(read()).toEqual(['a/', 'a/\ufffd']);
    expect(machine.unnamed).toBe(3);
  });

  test('a FIFO and a socket are left out', async () => {
    put('a/file');
    execFileSync('mkfifo', [at('a/fifo')]);
    const listening = createServer();
    await new Promise<void>((resolve) => listening.listen(at('a/socket'), resolve));
    const { machine, read } = open();
    for (const path of ['a', 'a/fifo', 'a/socket']) machine.add(at(path));
    await new Promise((resolve) => listening.close(resolve));
    expect(read()).toEqual(['a/', 'a/file']);
  });

  test('both names of a file are there', () => {
    put('a/one');
    linkSync(at('a/one'), at('a/two'));
    const { machine, read } = open();
    machine.add(at('a'));
    expect(read()).toEqual(['a/', 'a/one', 'a/two']);
  });

  test('a program is executable, and only a source of Python has its time', () => {
    for (const name of ['program', 'text', 'module.py']) put(`a/${name}`);
    chmodSync(at('a/program'), 0o711);
    utimesSync(at('a/module.py'), 1000, 1000);
    const { machine, tree } = open();
    machine.add(at('a'));
    expect(readTree(tree.encode(), folder, true)).toEqual([
      'a/',
      'a/module.py @1000',
      'a/program *',
      'a/text',
    ]);
  });

  test('a file can be added at another path, also below a link', () => {
    put('source');
    mkdirSync(at('real'));
    symlinkSync('real', at('link'));
    const { machine, read } = open();
    machine.addAs(at('source'), at('link/new/name'));
    machine.add(at('link'));
    expect(read()).toEqual(['link -> real', 'real/', 'real/new/', 'real/new/name']);
  });

  test('what was added first stays', () => {
    put('a/file');
    const { machine, tree } = open();
    const content = Buffer.from('mine');
    tree.addFile(at('a/file'), { blob: { digest: digestBytes(content), content }, isExecutable: false });
    machine.add(at('a'));
    expect([...tree.encode().blobs.values()].filter((blob) => blob.content === content)).toHaveLength(1);
  });

  test('only what is chosen is added', () => {
    for (const path of ['a/no/file', 'a/yes/file', 'a/yes/no']) put(path);
    symlinkSync('file', at('a/yes/link'));
    execFileSync('mkfifo', [at('a/fifo')]);
    chmodSync(at('a/yes/file'), 0o640);
    const { machine, read } = open();
    const kinds = new Map<string, string>();
    machine.addFolder(at('a'), (entry) => {
      expect(entry.mode).toBe(lstatSync(entry.path, { bigint: true }).mode);
      kinds.set(entry.path.slice(folder.length + 1), entry.kind);
      return !entry.path.endsWith('no');
    });
    expect(read()).toEqual(['a/', 'a/yes/', 'a/yes/file', 'a/yes/link -> file']);
    expect(Object.fromEntries(kinds)).toEqual({
      ...{ 'a/no': 'folder', 'a/yes': 'folder', 'a/fifo': 'other' },
      ...{ 'a/yes/file': 'file', 'a/yes/no': 'file', 'a/yes/link': 'link' },
    });
  });

  test('what is gone once it is chosen is not added', () => {
    for (const path of ['a/gone/below', 'a/other', 'a/gone-file']) put(path);
    symlinkSync('other', at('a/gone-link'));
    const { machine, read } = open();
    machine.addFolder(at('a'), (entry) => {
      if (entry.path.includes('gone')) rmSync(entry.path, { recursive: true });
      return true;
    });
    // As a folder that cannot be read.
    expect(read()).toEqual(['a/', 'a/gone/', 'a/other']);
  });
});
