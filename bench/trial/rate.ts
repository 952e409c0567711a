import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { median, type Row } from '../table.ts';
import { copyExamples, createRunner, inSeconds, runTrial } from './example-trials.ts';
import { printQuartiles } from './quartiles.ts';
import type { BenchFolder } from './state-folder.ts';

/**
 * The examples that need no fix, because a trial is measured and not the search for a missing package. `adds` is a
 * package that the ebuild does not declare. For openssl, the package manager itself loads its libraries, so its
 * phases have touched them before.
 */
const EXAMPLES = [
  { name: 'media-gfx/pngcrush/pngcrush-1.8.13', adds: 'dev-libs/openssl' },
  { name: 'app-arch/advancecomp/advancecomp-2.1', adds: 'media-libs/libpng' },
  { name: 'media-gfx/pngdims/pngdims-1.0', adds: 'dev-libs/openssl' },
  { name: 'media-gfx/pngtext/pngtext-1.0', adds: 'dev-libs/openssl' },
] as const;
/** The example that is built with autotools. */
const AUTOTOOLS = EXAMPLES[1];
const MOST_OF_FIRST = 0.7;

type Edit = (text: string, adds: string) => string;
const none: Edit = (text) => text;
/** The fix that most findings propose. */
const declareMore: Edit = (text, adds) => `${text}\nDEPEND+=" ${adds}"\n`;
const configureAnew: Edit = (text) => text.replace('\teconf ', '\teconf --disable-dependency-tracking ');

/** Milliseconds of each example's trial. */
interface Round {
  readonly cold: readonly number[];
  readonly declared: readonly number[];
  readonly again: readonly number[];
  /** The same for {@link AUTOTOOLS} only. */
  readonly configured: number;
}

/**
 * Measures how many trials of the examples one hour has room for, one at a time, and the cost of a second trial after
 * an edit.
 */
export async function measureRate(folder: BenchFolder, rounds: number): Promise<readonly Row[]> {
  const overlay = copyExamples(folder);
  const all: Round[] = [];
  for (let round = 0; round < rounds; round++) {
    console.error(`trials of the examples, round ${round + 1} of ${rounds} …`);
    folder.newStateFolder();
    const runner = await createRunner();
    const trial = (edit: Edit) => (example: (typeof EXAMPLES)[number]) => {
      const file = join(overlay, `${example.name}.ebuild`);
      return runTrial(runner, file, edit(readFileSync(file, 'utf8'), example.adds));
    };
    all.push({
      cold: await timeEach(EXAMPLES, trial(none)),
      declared: await timeEach(EXAMPLES, trial(declareMore)),
      again: await timeEach(EXAMPLES, trial(declareMore)),
      configured: (await timeEach([AUTOTOOLS], trial(configureAnew)))[0] ?? Number.NaN,
    });
  }
  return describeRounds(all);
}

function describeRounds(all: readonly Round[]): readonly Row[] {
  const rate = (what: string, times: readonly (readonly number[])[]): Row => ({
    what: `trials in an hour, one at a time, ${what}`,
    figure: printQuartiles(
      times.map((ofRound) => (3_600_000 * ofRound.length) / ofRound.reduce((sum, time) => sum + time, 0)),
      0,
    ),
  });
  const second = (example: string, edit: string, times: readonly number[], first: readonly number[]): Row => {
    const ratio = median(times.map((time, round) => time / (first[round] ?? Number.NaN)));
    return {
      what: `second trial of ${example} after an edit of ${edit}`,
      figure: inSeconds(times),
      compared: { with: 'the first', ratio },
      ...(example === AUTOTOOLS.name
        ? { target: { text: `≤ ${MOST_OF_FIRST}`, met: ratio <= MOST_OF_FIRST } }
        : {}),
    };
  };
  const at = (times: keyof Omit<Round, 'configured'>, index: number) =>
    all.map((round) => round[times][index] ?? Number.NaN);
  return [
    rate(
      'cold: nothing kept of earlier ones',
      all.map(({ cold }) => cold),
    ),
    rate(
      'warm: after one more package in DEPEND',
      all.map(({ declared }) => declared),
    ),
    rate(
      'warm: the same inputs again',
      all.map(({ again }) => again),
    ),
    ...EXAMPLES.flatMap(({ name, adds }, index): Row[] => [
      { what: `first trial of ${name}`, figure: inSeconds(at('cold', index)) },
      second(name, `DEPEND (${adds})`, at('declared', index), at('cold', index)),
    ]),
    second(
      AUTOTOOLS.name,
      'src_configure',
      all.map(({ configured }) => configured),
      at('cold', EXAMPLES.indexOf(AUTOTOOLS)),
    ),
  ];
}

async function timeEach<T>(items: readonly T[], run: (item: T) => Promise<void>): Promise<number[]> {
  const times: number[] = [];
  for (const item of items) {
    const began = performance.now();
    await run(item);
    times.push(performance.now() - began);
  }
  return times;
}
