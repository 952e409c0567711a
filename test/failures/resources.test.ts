/** A machine that refuses what a command needs: descriptors, address space, its root, its state folder, its output. */
import { mkdirSync, mkdtempSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { makeHome, missingForTrials, openProduct, type Product, type Run } from '../support/product.ts';
import { requireOrSkip } from '../support/requirement.ts';
import { who } from '../support/user.ts';
import { root as practiceRoot } from '../support/world.ts';
import { tinyEbuild } from './tiny-ebuild.ts';

const can = requireOrSkip(missingForTrials);
const as = who[0] ?? 'user';

let product: Product;
let repository: string;
let file: string;
beforeAll(async () => {
  if (missingForTrials !== undefined) return;
  product = await openProduct();
  repository = product.repository('resources', {
    'dev-test/fine/fine-1.ebuild': tinyEbuild(''),
    'dev-test/slow/slow-1.ebuild': tinyEbuild('src_compile() { einfo compiling; sleep 3; }'),
  });
  file = join(repository, 'dev-test/fine/fine-1.ebuild');
});
afterAll(() => product?.remove());

/** Expects success without a complaint, or one sentence and status 2. */
function expectAnswerOrSentence(run: Run, what: string): void {
  const complaints = run.complaints.filter(
    (line) => !/^runtime: |is not on this machine|are not checked/.test(line),
  );
  if (run.status === 0) {
    expect(complaints, what).toEqual([]);
    return;
  }
  expect(run.status, `${what}: ${run.stderr}`).toBe(2);
  expect(complaints, what).toHaveLength(1);
  expect(complaints[0], what).toMatch(/^ebuild-audit: \S.*\.$/);
  expect(complaints[0], what).not.toMatch(/defect|undefined|\[object|\bat .*:\d+:\d+/);
}

/** In milliseconds, on a machine that is busy. */
const SWEEP_TIME = 120_000;

/** Every command; those that build are slower. */
const commands = (): readonly (readonly string[])[] => [
  ['explain'],
  ['prune'],
  ['check', repository],
  ['metadata', file],
];
const building = (): readonly (readonly string[])[] => [
  ['trial', '--fresh', '--quick', file],
  ['runtime', file, '--', 'true'],
];

/** Runs two at a time, as there are processors. */
async function sweep(limits: readonly string[], lines: readonly (readonly string[])[]): Promise<void> {
  const runs = limits.flatMap((limit) => lines.map((line) => ({ limit, line })));
  const work = async (): Promise<void> => {
    for (let next = runs.shift(); next !== undefined; next = runs.shift()) {
      const { limit, line } = next;
      const run = await product.run(as, line, { wrap: ['prlimit', limit, '--'] });
      expectAnswerOrSentence(run, `${limit} ${line.join(' ')}`);
    }
  };
  await Promise.all([work(), work()]);
}

describe('too few', () => {
  // With less than 19 descriptors, Node.js itself cannot start.
  can(
    'descriptors',
    async () => {
      await sweep(
        [19, 20, 22, 24, 64].map((count) => `--nofile=${count}:${count}`),
        commands(),
      );
      await sweep(
        [22, 24, 26, 28].map((count) => `--nofile=${count}:${count}`),
        building(),
      );
    },
    SWEEP_TIME,
  );

  // With less than about 800 MB, Node.js itself cannot start.
  can(
    'bytes of address space',
    async () => {
      await sweep(
        ['1000000000', '1500000000', '8000000000'].map((bytes) => `--as=${bytes}`),
        commands(),
      );
      await sweep(['--as=1500000000'], building());
    },
    SWEEP_TIME,
  );
});

describe('what goes away', () => {
  const removed: readonly (readonly [what: string, path: string, sentence: RegExp])[] = [
    [
      'the state folder',
      'home',
      /home.* cannot be used \(ENOENT\): it may have been removed meanwhile; try again\.$/,
    ],
    [
      'the root',
      'root',
      /root.* cannot be used \(ENOENT\): it may have been removed meanwhile; try again\.$/,
    ],
  ];
  for (const [what, path, sentence] of removed) {
    can(`${what}, while it compiles`, async () => {
      const folder = mkdtempSync(join(product.folder, 'gone-'));
      const home = makeHome(join(folder, 'home'), as);
      // A link to a folder of its own name leads out of a root, so that this root needs no copy.
      const own = join(folder, 'root');
      mkdirSync(own);
      const run = product.start(as, ['trial', '--fresh', '--quick', '--root', own, slow()], {
        environment: { EBUILD_AUDIT_HOME: home },
        outerWrap: [
          'unshare',
          process.geteuid?.() === 0 ? '-m' : '-Urm',
          'sh',
          '-c',
          `mount --bind "$0" "$1" && shift && exec "$@"`,
          practiceRoot,
          own,
        ],
      });
      await run.said('compile');
      // The mounted root lies in another mount namespace, where its name goes away with that of this folder.
      renameSync(join(folder, path), join(folder, 'moved'));
      const done = await run.done;
      expectAnswerOrSentence(done, what);
      expect(done.complaints.join('\n'), done.stdout).toMatch(sentence);
    });
  }
  const slow = () => join(repository, 'dev-test/slow/slow-1.ebuild');

  can('the working directory, the home, and the folder for temporary files', async () => {
    const inGone = [
      'sh',
      '-c',
      `mkdir "$0" && cd "$0" && rmdir "$0" && exec "$@"`,
      join(product.folder, 'gone'),
    ];
    for (const line of [
      ['check', repository],
      ['check', 'relative'],
      ['trial', '--quick', file],
    ])
      expectAnswerOrSentence(await product.run(as, line, { wrap: inGone }), `no folder: ${line.join(' ')}`);
    for (const environment of [{ HOME: '' }, { TMPDIR: '/nowhere' }, { XDG_CACHE_HOME: 'relative' }])
      expectAnswerOrSentence(
        await product.run(as, ['check', repository], { environment: environment as Record<string, string> }),
        JSON.stringify(environment),
      );
    for (const home of ['/proc/nothing', '/dev/null', '/sys/nothing', '/etc/passwd/below'])
      for (const line of [...commands(), ['trial', '--quick', file]]) {
        if (line[0] === 'explain') continue;
        const run = await product.run(as, line, { environment: { EBUILD_AUDIT_HOME: home } });
        expectAnswerOrSentence(run, `${home} ${line.join(' ')}`);
        expect(run.complaints.join()).toMatch(/The state folder cannot be made .*: set EBUILD_AUDIT_HOME/);
      }
  });

  can('the reader of the report', async () => {
    const full = ['sh', '-c', 'exec "$0" "$@" > /dev/full'];
    const closed = ['sh', '-c', '( "$0" "$@"; echo "status $?" >&2 ) | true'];
    for (const line of [['explain'], ['explain', 'missing-depend'], ['check', repository]]) {
      const run = await product.run(as, line, { wrap: full });
      expectAnswerOrSentence(run, line.join(' '));
      expect(run.stderr).toMatch(/The report cannot be written to standard output \(ENOSPC\)/);
      const piped = await product.run(as, line, { wrap: closed });
      expect(piped.stderr).toMatch(/status [02]/);
      expect(piped.stderr).not.toMatch(/\bat .*:\d+:\d+/);
    }
  });
});
