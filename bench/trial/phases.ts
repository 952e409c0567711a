import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { BuildView } from '../../server/src/trial/builder/build-view.ts';
import { formatColumns, formatTarget, median } from '../table.ts';
import type { Engine } from './engine.ts';
import { BUILD_PHASES, type BuildPhase, PROJECTS, type Project, writeBuildScript } from './projects.ts';
import { printQuartiles } from './quartiles.ts';
import type { BenchFolder } from './state-folder.ts';
import { findWays, type Way } from './ways.ts';

/** Seconds of each part of one build; `start` is the time before the first phase, `all` the whole build. */
type Part = 'start' | BuildPhase | 'all';
const PARTS: readonly Part[] = ['start', ...BUILD_PHASES, 'all'];
type Times = Readonly<Record<Part, number>>;

/** The target for a part, as a ratio to the bare build. */
const MOST: Partial<Record<Part, number>> = { configure: 1.08, compile: 1.03, all: 1.05 };

/**
 * Builds each project bare, in a plain bubblewrap, in the engine and under strace, one after another and in another
 * order each round. It prints a table for each: seconds of the bare build, and for the others the ratio to the bare
 * build of the same round.
 *
 * @param print called with each table as soon as it is ready
 */
export async function measurePhases(
  engine: Engine,
  folder: BenchFolder,
  rounds: number,
  print: (table: string) => void,
): Promise<void> {
  const ways = findWays(engine);
  for (const project of PROJECTS) {
    const view = engine.view(project.bdepend);
    const times = new Map(ways.map((way) => [way.name, [] as Times[]]));
    let expected: readonly string[] | undefined;
    for (let round = 0; round < rounds; round++) {
      for (let turn = 0; turn < ways.length; turn++) {
        const way = ways[(round + turn) % ways.length] as Way;
        console.error(`${project.name}, round ${round + 1} of ${rounds}, ${way.name} …`);
        const { took, result } = await build(project, way, view, folder);
        times.get(way.name)?.push(took);
        expected ??= result;
        const line = findDifference(result, expected);
        if (line !== undefined)
          throw new Error(
            `${way.name} has built another ${project.name} than the builds before it: "${line}".`,
          );
      }
    }
    print(formatProject(project, rounds, times));
  }
  if (!ways.some(({ name }) => name === 'strace')) print('strace is not installed: not measured.');
}

/** Builds once, in a new work folder that is removed afterwards. */
async function build(
  project: Project,
  way: Way,
  view: BuildView,
  folder: BenchFolder,
): Promise<{ readonly took: Times; readonly result: readonly string[] }> {
  // Has the same name in every way, because compilers write it into their output.
  const work = join(folder.path, 'work');
  const image = join(work, 'image');
  mkdirSync(image, { recursive: true });
  try {
    copyFileSync(join(folder.archives, project.distfile), join(work, project.distfile));
    writeFileSync(join(work, 'build.sh'), writeBuildScript(project));
    // Writes the data of the previous build to disk before this build is measured.
    spawnSync('sync');
    const began = Date.now() / 1000;
    await way.run(
      {
        work,
        command: ['bash', join(work, 'build.sh')],
        environment: {
          ...{ WORK: work, IMAGE: image, HOME: work, JOBS: String(availableParallelism()) },
          ...{ PATH: '/usr/local/bin:/usr/bin:/bin', LC_ALL: 'C.UTF-8', CFLAGS: '-O2 -pipe' },
          // The sandbox's root cannot give files away, which tar otherwise tries.
          TAR_OPTIONS: '--no-same-owner',
        },
        log: join(folder.path, 'build.log'),
      },
      view,
    );
    const ended = Date.now() / 1000;
    return {
      took: readMarks(readFileSync(join(work, 'marks'), 'utf8'), began, ended),
      result: describeResult(project, work, image),
    };
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** @param began, ended of the whole build, in seconds since the epoch */
function readMarks(text: string, began: number, ended: number): Times {
  const marks = new Map(
    text
      .trim()
      .split('\n')
      .map((line) => {
        const [phase = '', from = '', to = ''] = line.split(' ');
        return [phase, { from: Number(from), to: Number(to) }];
      }),
  );
  const took = (phase: BuildPhase) => {
    const mark = marks.get(phase);
    return mark === undefined ? Number.NaN : mark.to - mark.from;
  };
  return {
    start: (marks.get('unpack')?.from ?? Number.NaN) - began,
    unpack: took('unpack'),
    prepare: took('prepare'),
    configure: took('configure'),
    compile: took('compile'),
    install: took('install'),
    all: ended - began,
  };
}

/** The facts by which builds of a project are compared: the findings of configure, and the installed files. */
function describeResult(project: Project, work: string, image: string): readonly string[] {
  const { configuration } = project;
  const found = configuration === undefined ? '' : readFileSync(join(work, configuration), 'utf8');
  const installed = readdirSync(image, { recursive: true, encoding: 'utf8' });
  return [...found.split('\n'), ...installed.sort()];
}

/** A line that only one of two results has; undefined if they are the same. */
function findDifference(left: readonly string[], right: readonly string[]): string | undefined {
  const [inLeft, inRight] = [new Set(left), new Set(right)];
  return left.find((line) => !inRight.has(line)) ?? right.find((line) => !inLeft.has(line));
}

function formatProject(
  project: Project,
  rounds: number,
  times: ReadonlyMap<string, readonly Times[]>,
): string {
  const bare = times.get('bare') ?? [];
  const others = [...times].filter(([name]) => name !== 'bare');
  const ratios = (part: Part, all: readonly Times[]) =>
    all.map((one, round) => one[part] / (bare[round]?.[part] ?? Number.NaN));
  const rows = PARTS.map((part) => {
    const most = MOST[part];
    const ours = median(ratios(part, times.get('ours') ?? []));
    return [
      part,
      seconds(bare.map((one) => one[part])),
      ...others.map(([, all]) =>
        // The time before the first phase of a bare build is nearly zero, so a ratio would be meaningless.
        part === 'start' ? seconds(all.map((one) => one[part])) : printQuartiles(ratios(part, all), 2),
      ),
      most === undefined ? '' : formatTarget({ text: `≤ ${most.toFixed(2)}`, met: ours <= most }),
    ];
  });
  const heads = ['', 'bare', ...others.map(([name]) => name), 'ours is wanted'];
  return `${project.name}, ${project.buildSystem}: ${rounds} rounds, median (quartiles)\n${formatColumns(heads, rows)}`;
}

const seconds = (values: readonly number[]) => `${printQuartiles(values, 2)} s`;
