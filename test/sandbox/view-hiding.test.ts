import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, linkSync, lstatSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { requireOrSkip } from '../support/requirement.ts';
import { isRoot, mostly, NOBODY, who } from '../support/user.ts';
import { type Bench, missing, openBench } from './setup.ts';

const can = requireOrSkip(missing);

/** Describes a tree by everything in lstat(2) except the access time. Extended attributes do not change without the ctime. */
function describeTree(folder: string): string[] {
  return [
    folder,
    ...readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name)),
  ]
    .sort()
    .map((path) => {
      const { dev, ino, mode, nlink, uid, gid, rdev, size, mtimeNs, ctimeNs } = lstatSync(path, {
        bigint: true,
      });
      return [path, dev, ino, mode, nlink, uid, gid, rdev, size, mtimeNs, ctimeNs].join(' ');
    });
}

describe.each(mostly('root'))('hiding as %s', (as) => {
  let bench: Bench;
  let count = 0;
  const makeTree = (files: readonly string[]) => {
    const tree = join(bench.folder, `tree-${++count}`);
    mkdirSync(tree, { mode: 0o755 });
    for (const file of files) {
      mkdirSync(join(tree, file, '..'), { recursive: true });
      writeFileSync(join(tree, file), file);
    }
    return tree;
  };
  const look = async (source: string, hidden: readonly string[], script: string, more: object = {}) => {
    const spec = bench.spec({ command: ['/bin/sh', '-c', script], trace: false, ...more });
    const report = await bench.run(
      as,
      bench.request({ ...spec, overlays: [...spec.overlays, { source, target: '/tree', hidden }] }),
    );
    expect(report.message).toBeUndefined();
    return report.output;
  };

  beforeAll(async () => {
    if (!missing) bench = await openBench();
  });
  afterAll(() => bench?.remove());

  can(
    'a link is made where the source has a file, something hidden or nothing, and shows nothing hidden',
    async () => {
      const source = makeTree(['a/file', 'a/hidden', 'b/c/hidden']);
      const links = ['a/file', 'a/hidden', 'a/new', 'b/c', 'd/e/new'].map((path) => ({
        path: `/tree/${path}`,
        target: '/tree/a/gone',
      }));
      writeFileSync(join(source, 'a/gone'), 'x');
      const spec = bench.spec({
        command: ['/bin/sh', '-c', 'cd /tree; find . | sort; cat a/file; readlink b/c'],
        trace: false,
      });
      const overlay = { source, target: '/tree', hidden: ['a/hidden', 'a/gone', 'b/c'], links };
      const report = await bench.run(as, bench.request({ ...spec, overlays: [...spec.overlays, overlay] }));
      expect(report.output.split('\n')).toEqual([
        ...['.', './a', './a/file', './a/hidden', './a/new', './b', './b/c', './d', './d/e', './d/e/new'],
        'cat: a/file: No such file or directory',
        '/tree/a/gone',
        '',
      ]);
    },
  );

  can(
    'exactly what is named is gone, in whatever order it is named',
    async () => {
      const component = fc.constantFrom('a', 'b', 'a-b', '.c');
      const path = fc.array(component, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/'));
      await fc.assert(
        fc.asyncProperty(
          fc.array(path, { maxLength: 12 }),
          fc.array(path, { maxLength: 8 }),
          async (named, hidden) => {
            // A path cannot be both a file and the folder of another path.
            const files = named.filter((path) => !named.some((below) => below.startsWith(`${path}/`)));
            const isHidden = (path: string) => hidden.some((by) => path === by || path.startsWith(`${by}/`));
            const output = await look(
              makeTree(files),
              hidden,
              'cd /tree && find . -type f | cut -c3- | sort',
            );
            const left = [...new Set(files)].filter((path) => !isHidden(path));
            expect(output.split('\n').filter(Boolean).sort()).toEqual(left.sort());
          },
        ),
        { numRuns: 15 },
      );
    },
    60_000,
  );

  can(
    'so many files that several processes hide them, with one left in each folder',
    async () => {
      const folders = Array.from({ length: 40 }, (_, index) => `share/package-${index % 7}/folder-${index}`);
      const files = folders.flatMap((folder) => Array.from({ length: 250 }, (_, n) => `${folder}/${n}`));
      const tree = makeTree([...files, 'share/package-1/plain']);
      const output = await look(
        tree,
        // Also folders whose files are hidden already, and two such folders inside each other.
        [
          ...files.filter((file) => !file.endsWith('/77')),
          'share/package-2',
          'share/package-3/folder-3',
          'share/package-3',
        ],
        'cd /tree && find . -type f | sort; ls share',
      );
      const left = folders
        .filter((folder) => !/package-[23]\//.test(folder))
        .map((folder) => `./${folder}/77`);
      const packages = ['package-0', 'package-1', 'package-4', 'package-5', 'package-6'];
      expect(output.trim().split('\n')).toEqual([
        ...[...left, './share/package-1/plain'].sort(),
        ...packages,
      ]);
    },
    30_000,
  );

  can(
    'a path through a link of the root is hidden where it leads, on merged and split usr alike',
    async () => {
      const tree = makeTree(['lib64/libz.so', 'lib64/libc.so', 'share/doc/a', 'other/file']);
      symlinkSync('lib64', join(tree, 'lib'));
      symlinkSync('../share/doc', join(tree, 'other/doc'));
      symlinkSync('/etc', join(tree, 'outside'));
      const hidden = ['lib/libz.so', 'other/doc/a', 'outside/passwd', 'outside/deep/x', 'no/such'];
      expect(await look(tree, hidden, 'cd /tree && find . ! -type d | sort')).toBe(
        './lib\n./lib64/libc.so\n./other/doc\n./other/file\n./outside\n',
      );
    },
  );

  can(
    'names of the greatest length, of any byte but NUL and slash, and too long for any file system',
    async () => {
      const names = ['x'.repeat(255), 'new\nline', 'quote\'"', '\\', ' ', '-n', '..x', '…'];
      const tree = makeTree([...names, 'stays']);
      expect(await look(tree, [...names, 'y'.repeat(256), `${'z'.repeat(300)}/a`], 'ls /tree')).toBe(
        'stays\n',
      );
    },
  );

  can(
    'nothing on this machine changes, whatever the sandbox tries',
    async () => {
      const tree = makeTree(['bin/tool', 'include/a.h', 'include/hidden.h', 'open/file', 'gone/file']);
      linkSync(join(tree, 'bin/tool'), join(tree, 'bin/same'));
      symlinkSync('a.h', join(tree, 'include/link.h'));
      for (const path of ['open', 'open/file', 'include/a.h']) chmodSync(join(tree, path), 0o777);
      // An ordinary user who owns everything has more rights in its tree than any other.
      if (as === 'user' && isRoot) execFileSync('chown', ['-hR', `${NOBODY}:${NOBODY}`, tree]);
      const before = describeTree(tree);
      const script = `
      cd /tree && for f in . $(find .); do
        chmod 0700 $f; chown 0:0 $f; touch -d @1 $f; touch -h $f; echo x >> $f; ln $f $f.link; ln $f /work/x; mv $f $f.moved
        ln -s x $f/new; mkdir $f/new; mkfifo $f/fifo; truncate -s 0 $f; rm -rf $f; cat $f
      done 2>&1 | grep -c 'Read-only file system'
      grep -r . /tree | wc -l; mv include/a.h include/hidden.h 2>&-; ln include/a.h include/hidden.h 2>&-; find . | wc -l`;
      for (const hidden of [['include/hidden.h', 'gone'], []]) {
        const output = await look(tree, hidden, script);
        expect(Number(output.split('\n')[0])).toBeGreaterThan(80);
        expect(output.trim().split('\n').at(-1)).toBe(hidden.length > 0 ? '9' : '12');
      }
      expect(describeTree(tree)).toEqual(before);
    },
    30_000,
  );
});

/** The command that runs a program where it may mount: root in its own mount namespace, a user also in a user namespace. */
const unshare = (as: string) =>
  as === 'root' ? ['unshare', '-m', '--propagation', 'private'] : ['unshare', '-Urm'];
const missingForMounts =
  missing ??
  (spawnSync('unshare', ['-Urm', 'true']).status === 0 ? undefined : 'unshare(1) cannot make namespaces');
const canMount = requireOrSkip(missingForMounts);

describe.each(who)('file systems mounted below a folder that is shown, as %s', (as) => {
  let bench: Bench;
  beforeAll(async () => {
    if (!missing) bench = await openBench();
  });
  afterAll(() => bench?.remove());

  canMount('are shown where they are, and hidden in like everything else', async () => {
    const root = join(bench.folder, 'root');
    for (const folder of ['usr/bin', 'usr/share/inner', 'usr/share/doc', 'usr/lib/a'])
      mkdirSync(join(root, folder), { recursive: true });
    for (const file of [
      'usr/bin/tool',
      'usr/share/plain',
      'usr/share/gone',
      'usr/share/doc/a',
      'usr/share/inner/covered',
      'usr/file',
    ])
      writeFileSync(join(root, file), file);
    writeFileSync(join(root, 'usr/lib/a/x'), '');
    symlinkSync('lib', join(root, 'usr/lib64'));
    writeFileSync(join(bench.folder, 'over'), 'a file that is mounted on another');
    const inner = join(root, 'usr/share/inner');
    const overlays = [
      { source: join(root, 'usr'), target: '/gentoo/usr', hidden: ['share/gone', 'bin/tool', 'share/doc'] },
      { source: inner, target: '/gentoo/usr/share/inner', hidden: ['hidden', 'deep'] },
    ];
    const binds = [{ source: join(root, 'usr/file'), target: '/gentoo/usr/file', writable: false }];
    const script =
      'cd /gentoo/usr && find . ! -type d | sort && cat file share/inner/seen && echo x > share/inner/new';
    const spec = bench.spec({ command: ['/bin/sh', '-c', script], trace: false });
    const request = bench.request({ ...spec, overlays: [...spec.overlays, ...overlays], binds });
    const words = [
      ...unshare(as),
      ...['sh', '-ec'],
      `mount -t tmpfs none "$0/usr/share/inner" && cd "$0/usr/share/inner" && mkdir deep && echo seen > seen && touch hidden deep/x &&
       mount --bind "$1" "$0/usr/file"; shift; exec "$@"`,
      ...[root, join(bench.folder, 'over')],
    ];
    const report = await bench.run(as, request, process.env, words);
    expect(report.message).toBeUndefined();
    expect(report.output.split('\n').slice(0, -2)).toEqual([
      ...['./file', './lib/a/x', './lib64', './share/inner/seen', './share/plain'],
      'a file that is mounted on anotherseen',
    ]);
    expect(report.output).toContain('Read-only file system');
  });
});
