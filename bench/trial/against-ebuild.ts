import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { distfileFolders } from '../../server/src/evaluation/distfile-folders.ts';
import { createEvaluator } from '../../server/src/evaluation/kept-evaluation.ts';
import { describeView } from '../../server/src/evaluation/sandbox-view.ts';
import { findDistfiles, locateForTrial, makeWorkFolder } from '../../server/src/evaluation/work-folder.ts';
import { PHASES } from '../../server/src/package-manager/port.ts';
import { median, type Row } from '../table.ts';
import type { Engine } from './engine.ts';
import { copyExamples, createRunner, inSeconds, runTrial } from './example-trials.ts';
import { printQuartiles } from './quartiles.ts';
import type { BenchFolder } from './state-folder.ts';

/** The examples that need no fix. */
const EXAMPLES = [
  'media-gfx/pngcrush/pngcrush-1.8.13',
  'app-arch/advancecomp/advancecomp-2.1',
  'media-gfx/pngdims/pngdims-1.0',
  'media-gfx/pngtext/pngtext-1.0',
] as const;

/** Targets as ratios to `ebuild FILE clean install`: the median of all ebuilds, and for one of them. */
const MOST_OF_QUICK = 1.1;
const MOST_OF_FULL = 1.4;
const MOST_OF_ONE = 3;

/** Milliseconds of one example. */
interface Times {
  readonly bare: number[];
  readonly quick: number[];
  readonly full: number[];
}

/**
 * Times trials of right ebuilds from the beginning against `ebuild FILE clean install` of the same ebuild: the same package manager in the same
 * root, with nothing hidden and nothing traced. All take turns.
 */
export async function measureAgainstEbuild(
  engine: Engine,
  folder: BenchFolder,
  rounds: number,
): Promise<readonly Row[]> {
  const overlay = copyExamples(folder);
  const runner = await createRunner();
  const all = new Map(EXAMPLES.map((name): [string, Times] => [name, { bare: [], quick: [], full: [] }]));
  for (let round = 0; round < rounds; round++)
    for (const [name, times] of all) {
      console.error(`${name}, round ${round + 1} of ${rounds} …`);
      const file = join(overlay, `${name}.ebuild`);
      const text = readFileSync(file, 'utf8');
      const turns = [
        async () => void times.bare.push(await buildBare(engine, file)),
        async () =>
          void times.quick.push(await time(() => runTrial(runner, file, text, { quick: true, fresh: true }))),
        async () => void times.full.push(await time(() => runTrial(runner, file, text, { fresh: true }))),
      ];
      for (let turn = 0; turn < turns.length; turn++) await turns[(round + turn) % turns.length]?.();
    }
  return describe(all);
}

async function time(run: () => Promise<void>): Promise<number> {
  const began = performance.now();
  await run();
  return performance.now() - began;
}

/** @returns milliseconds of the package manager's run alone, without what comes before it */
async function buildBare({ world, root }: Engine, file: string): Promise<number> {
  const { packageManager } = world;
  const location = locateForTrial(file, true);
  const text = readFileSync(file, 'utf8');
  const metadata = await createEvaluator(world)(file, text);
  const made = await makeWorkFolder({
    trials: join(world.home, 'trials'),
    location,
    layout: root.layout,
    repositories: root.repositories,
    text,
  });
  try {
    const distfiles = findDistfiles(metadata.distfiles, distfileFolders(root.layout, world.home));
    const spec = describeView({
      layout: root.layout,
      folder: { ...made, distfiles },
      files: packageManager.files,
      repositories: [...root.repositories, made.paths.repository],
      hidden: { files: new Map(), folders: new Set() },
      command: packageManager.buildCommand(made.paths, {
        phases: PHASES,
        afresh: true,
        test: metadata.use.includes('test'),
        jobs: availableParallelism(),
        use: [],
      }),
      trace: false,
    });
    let output = '';
    return await time(async () => {
      const { status } = await world.sandbox.run(spec, {
        event: () => {},
        output: (chunk) => {
          output = (output + Buffer.from(chunk).toString()).slice(-2000);
        },
      });
      if (status !== 0) throw new Error(`ebuild ${file} clean install ended with ${status}: ${output}`);
    });
  } finally {
    await made.remove();
  }
}

function describe(all: ReadonlyMap<string, Times>): readonly Row[] {
  const ratiosOf = (what: 'quick' | 'full') =>
    [...all.values()].map((times) =>
      median(times[what].map((ms, round) => ms / (times.bare[round] ?? Number.NaN))),
    );
  const row = (what: 'quick' | 'full', most: number): Row => {
    const ratio = median(ratiosOf(what));
    return {
      what: `a ${what} trial, median of the examples`,
      figure: printQuartiles(ratiosOf(what), 2),
      compared: { with: 'ebuild clean install', ratio },
      target: { text: `≤ ${most.toFixed(2)}`, met: ratio <= most },
    };
  };
  const greatest = Math.max(...ratiosOf('full'));
  return [
    ...[...all].flatMap(([name, times], index): Row[] => [
      { what: `ebuild clean install of ${name}`, figure: inSeconds(times.bare) },
      ...(['quick', 'full'] as const).map((what) => ({
        what: `${what} trial of ${name}`,
        figure: inSeconds(times[what]),
        compared: { with: 'ebuild clean install', ratio: ratiosOf(what)[index] ?? Number.NaN },
      })),
    ]),
    row('quick', MOST_OF_QUICK),
    row('full', MOST_OF_FULL),
    {
      what: 'the full trial that takes longest',
      figure: `${greatest.toFixed(2)}`,
      target: { text: `≤ ${MOST_OF_ONE.toFixed(2)}`, met: greatest <= MOST_OF_ONE },
    },
  ];
}
