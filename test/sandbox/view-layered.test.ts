import {
  chmodSync,
  existsSync,
  lchownSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import type { LayeredFolder } from '../../server/src/sandbox/sandbox.ts';
import { requireOrSkip } from '../support/requirement.ts';
import { isRoot, NOBODY, who } from '../support/user.ts';
import { type Bench, missing, openBench } from './setup.ts';

const can = requireOrSkip(missing);

/** Describes a tree by the results of lstat(2) on this machine and the contents of its files. */
function describeTree(folder: string): unknown[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .sort()
    .map((name) => {
      const path = join(folder, name);
      const { ino, mode, uid, nlink, size, mtimeMs, ctimeMs } = lstatSync(path);
      const text = lstatSync(path).isFile() ? readFileSync(path, 'latin1') : '';
      return [name, ino, mode, uid, nlink, size, mtimeMs, ctimeMs, text];
    });
}

/**
 * Lists a folder in a sandbox, a line for each file and for each of its own lines. The output must not depend on where
 * the folder is, nor on the order of its entries, in which find(1) complains of what it may not read.
 */
const LIST =
  '{ find . -mindepth 1 -printf "%P %y %m %T@ %l\\n" | grep -v " d "; find . -type d -printf "%P %m\\n"; ' +
  'find . -type f -exec grep -H "" {} +; } 2>&1 | sort';

describe.each(who)('a folder of layers as %s', (as) => {
  let bench: Bench;
  const own = (path: string) => {
    if (as === 'user' && isRoot) lchownSync(path, NOBODY, NOBODY);
    return path;
  };
  const makeOwn = (path: string) => {
    mkdirSync(path);
    return own(path);
  };
  /** Makes an empty folder that belongs to the user who runs the sandbox. */
  const folder = (name: string) => {
    const path = own(mkdtempSync(join(bench.folder, `${name}-`)));
    chmodSync(path, 0o755);
    return path;
  };
  const layered = (lower: readonly string[], name = 'layers'): LayeredFolder => {
    const top = folder(name);
    const [upper, kernelWork] = [makeOwn(join(top, 'upper')), makeOwn(join(top, 'work'))];
    return { target: '/build', lower, upper, kernelWork };
  };
  /** The command through which the sandbox is run, see `Bench.start`. */
  let through: readonly string[] = [];
  const run = async (script: string, ...layers: LayeredFolder[]) => {
    const spec = bench.spec({
      command: ['/bin/sh', '-c', script],
      trace: false,
      layered: layers,
      workingDirectory: '/build',
    });
    const report = await bench.run(as, bench.request(spec), process.env, through);
    expect(report.message).toBeUndefined();
    return report;
  };
  /** Makes a folder with one file of each type. */
  const sources = () => {
    const top = folder('sources');
    mkdirSync(join(top, 'src/deep/er'), { recursive: true });
    for (const name of ['configure', 'src/a.c', 'src/b.c', 'src/deep/c.c', 'src/deep/er/d.c'])
      writeFileSync(join(top, name), `text of ${name}\n`);
    chmodSync(join(top, 'configure'), 0o755);
    chmodSync(join(top, 'src/b.c'), 0o600);
    symlinkSync('a.c', join(top, 'src/link'));
    linkSync(join(top, 'src/a.c'), join(top, 'src/hard'));
    utimesSync(join(top, 'src/a.c'), 1e9, 1e9);
    for (const name of readdirSync(top, { recursive: true, encoding: 'utf8' })) own(join(top, name));
    return top;
  };

  beforeAll(async () => {
    if (!missing) bench = await openBench();
  });
  afterAll(() => bench?.remove());

  can(
    'what one run writes is a layer of the next, and no layer below changes',
    async () => {
      const lowest = sources();
      const before = describeTree(lowest);
      const first = layered([lowest]);
      const prepared = await run(
        'stat -c "%u %a %Y" src/a.c src/b.c && echo patched >> src/a.c && rm src/b.c && mv src/deep/c.c src/moved.c && ' +
          'rm -r src/deep && mkdir -p src/deep/new && ln -s ../x src/deep/link && chmod 700 configure && cat src/link',
        first,
      );
      expect(prepared.output).toMatch(/^0 644 1000000000\n0 600 \d+\ntext of src\/a.c\npatched\n$/);
      expect(describeTree(lowest)).toEqual(before);

      const patched = describeTree(first.upper);
      const second = layered([lowest, first.upper]);
      const configured = await run(
        'find . | sort | tr "\\n" " "; stat -c %a configure; cat src/a.c src/moved.c; echo new > src/b.c; ' +
          'rm src/moved.c; rmdir src/deep/new; touch src/deep/c.c',
        second,
      );
      expect(configured.output).toBe(
        '. ./configure ./src ./src/a.c ./src/deep ./src/deep/link ./src/deep/new ./src/hard ./src/link ./src/moved.c ' +
          '700\ntext of src/a.c\npatched\ntext of src/deep/c.c\n',
      );
      expect(describeTree(first.upper)).toEqual(patched);

      const third = await run(
        'find . -type f | sort | tr "\\n" " "; cat src/b.c',
        layered([lowest, first.upper, second.upper]),
      );
      expect(third.output).toBe('./configure ./src/a.c ./src/b.c ./src/deep/c.c ./src/hard new\n');
      expect(describeTree(lowest)).toEqual(before);
    },
    30_000,
  );

  can('what is written belongs outside to whoever runs the sandbox', async () => {
    const { lower, upper, ...rest } = layered([sources()]);
    await run('mkdir made && echo x > made/file && echo y >> src/b.c', { lower, upper, ...rest });
    const owner = as === 'root' ? 0 : isRoot ? NOBODY : process.geteuid?.();
    for (const path of ['made', 'made/file', 'src', 'src/b.c'])
      expect([path, lstatSync(join(upper, path)).uid]).toEqual([path, owner]);
    expect(readFileSync(join(upper, 'src/b.c'), 'utf8')).toBe('text of src/b.c\ny\n');
  });

  can('without layers below it is the upper folder itself', async () => {
    const layers = layered([]);
    await run('echo x > file && mkdir -p a/b && mv a c', layers);
    expect(readdirSync(layers.upper).sort()).toEqual(['c', 'file']);
    expect((await run('ls', layered([layers.upper]))).output).toBe('c\nfile\n');
  });

  can('a folder of a lower layer can be moved, by rename(2) where root runs the sandbox', async () => {
    bench.compile(
      'rename',
      '#include <stdio.h>\nint main(int c, char **v) { if (rename(v[1], v[2])) perror("rename"); return 0; }',
      ['-static'],
    );
    const lower = sources();
    const layers = layered([lower]);
    const { output } = await run(
      '/fixture/rename src moved; ls; mv moved src 2>&- || mv src again; ls',
      layers,
    );
    expect(output).toBe(
      as === 'root'
        ? 'configure\nmoved\nconfigure\nsrc\n'
        : 'rename: Invalid cross-device link\nconfigure\nsrc\nagain\nconfigure\n',
    );
    const next = await run(
      'find . -name d.c | xargs cat; find . -name "*.c" | wc -l',
      layered([lower, layers.upper]),
    );
    expect(next.output).toBe('text of src/deep/er/d.c\n4\n');
  });

  can('many layers and odd names, below and beside each other', async () => {
    const lower = [...'12345678'].map((name) => {
      const odd = makeOwn(join(folder('odd'), `a,b:c\\d ${name}=é`));
      writeFileSync(join(odd, `only-${name}`), '');
      writeFileSync(join(odd, 'all'), name);
      return odd;
    });
    const outer = layered(lower, 'a,b:c\\d');
    const inner = { ...layered([sources()]), target: '/build/inner' };
    makeOwn(join(outer.upper, 'inner'));
    const { output } = await run(
      'ls | tr "\\n" " "; cat all; echo x > inner/x; cat inner/x; ls inner/src',
      outer,
      inner,
    );
    expect(output).toBe(
      'all inner only-1 only-2 only-3 only-4 only-5 only-6 only-7 only-8 8x\na.c\nb.c\ndeep\nhard\nlink\n',
    );
    expect(existsSync(join(inner.upper, 'x'))).toBe(true);
  });

  if (as === 'root') {
    can("root of a container cannot exchange owners: its layers become the sandbox's user's", async () => {
      // unshare(1) would need newuidmap(1) to map more than one user.
      const script = `unshare -Um sh -c 'until grep -q . /proc/self/uid_map; do sleep 0.01; done; exec "$@"' sh "$@" &
        until [ "$(readlink /proc/$!/ns/user)" != "$(readlink /proc/self/ns/user)" ]; do sleep 0.01; done
        echo 0 0 70000 > /proc/$!/gid_map && echo 0 0 70000 > /proc/$!/uid_map && wait $!`;
      through = ['sh', '-c', script, 'sh'];
      try {
        const lower = sources();
        const first = layered([lower]);
        await run('echo more >> src/b.c && mkdir made && rm src/a.c', first);
        expect(
          [lower, join(lower, 'src'), join(first.upper, 'made')].map((path) => lstatSync(path).uid),
        ).toEqual([NOBODY, NOBODY, NOBODY]);
        const second = await run('cat src/b.c; ls -A . src', layered([lower, first.upper]));
        expect(second.output).toBe(
          'text of src/b.c\nmore\n.:\nconfigure\nmade\nsrc\n\nsrc:\nb.c\ndeep\nhard\nlink\n',
        );
      } finally {
        through = [];
      }
    });
  }

  can('a folder of layers lies over what the view shows and hides', async () => {
    const tree = folder('tree');
    mkdirSync(join(tree, 'a'));
    writeFileSync(join(tree, 'a/hidden'), '');
    const layers = { ...layered([sources()]), target: '/tree/a/build' };
    const spec = bench.spec({
      command: ['/bin/ls', '/tree/a', '/tree/a/build'],
      trace: false,
      layered: [layers],
    });
    const report = await bench.run(
      as,
      bench.request({
        ...spec,
        overlays: [...spec.overlays, { source: tree, target: '/tree', hidden: ['a/hidden'] }],
      }),
    );
    expect(report.output).toBe('/tree/a:\nbuild\n\n/tree/a/build:\nconfigure\nsrc\n');
  });

  can(
    'behaves like a plain folder, whatever is done over three runs',
    async () => {
      const name = fc.constantFrom('a', 'b', 'd', 'd/a', 'd/b', 'd/e', 'd/e/a');
      const operation = fc.oneof(
        fc.tuple(name, fc.nat(99)).map(([path, n]) => `echo ${n} > ${path}`),
        fc.tuple(name, fc.nat(99)).map(([path, n]) => `echo ${n} >> ${path}`),
        name.map((path) => `rm -rf ${path}`),
        name.map((path) => `mkdir -p ${path}`),
        fc.tuple(name, name).map(([from, to]) => `mv -T ${from} ${to}`),
        fc.tuple(name, name).map(([from, to]) => `ln -sfT ${from} ${to}`),
        fc
          .tuple(name, fc.constantFrom('600', '755', '4711'))
          .map(([path, mode]) => `test -L ${path} || chmod ${mode} ${path}`),
        fc.tuple(name, fc.integer({ min: 1, max: 1e9 })).map(([path, at]) => `touch -hcd @${at} ${path}`),
      );
      // One line for each file, with times that do not depend on when it ran.
      const phase = fc
        .array(operation, { maxLength: 8 })
        .map(
          (lines) =>
            `{ ${lines.map((line) => `${line};`).join(' ')} :; } 2>&-; find . -newermt 2020-01-01 -exec touch -hd @1500000000 {} + 2>&-; ${LIST}`,
        );
      await fc.assert(
        fc.asyncProperty(phase, phase, phase, async (...phases) => {
          const plain = layered([]);
          const stack: string[] = [];
          for (const script of phases) {
            const layers = layered(stack);
            const [expected, actual] = await Promise.all([run(script, plain), run(script, layers)]);
            expect(actual.output).toBe(expected.output);
            stack.push(layers.upper);
          }
        }),
        { numRuns: 8 },
      );
    },
    120_000,
  );
});
