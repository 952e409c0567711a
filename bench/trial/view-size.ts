import { accessSync, closeSync, constants, mkdirSync, openSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SandboxSpec } from '../../server/src/sandbox/sandbox.ts';
import type { BuildView } from '../../server/src/trial/builder/build-view.ts';
import { interleave, median, type Row } from '../table.ts';
import type { Engine } from './engine.ts';
import { printQuartiles } from './quartiles.ts';
import type { BenchFolder } from './state-folder.ts';

const SIZES = [1_000, 10_000, 100_000, 1_000_000];
const FILES_IN_FOLDER = 100;
const FOLDERS_IN_FOLDER = 100;
/** The type of a tmpfs in statfs(2). */
const TMPFS = 0x01021994;

/** The target for the view in milliseconds, by the number of hidden files. */
const MOST = new Map([
  [100_000, 200],
  [1_000_000, 1500],
]);

interface Measurement {
  readonly what: string;
  /** The target in milliseconds. */
  readonly most?: number | undefined;
  run(): unknown;
}

/** Measures the time from the call until `true` has ended in a view, against the number of hidden files. */
export async function measureViews(
  engine: Engine,
  folder: BenchFolder,
  rounds: number,
): Promise<readonly Row[]> {
  const generated = makeFiles(folder, SIZES.at(-1) ?? 0);
  const work = folder.newFolder(folder.path);
  try {
    const sizes = SIZES.filter((size) => size <= generated.files);
    const measurements = [
      ...measureGenerated(engine, work, generated.path, sizes),
      ...measureRoot(engine, work),
    ];
    const times = await interleave(
      rounds,
      measurements.map(({ run }) => run),
    );
    return [
      ...measurements.map(({ what, most }, index): Row => {
        const values = times[index] ?? [];
        const figure = `${printQuartiles(values, 0)} ms`;
        if (most === undefined) return { what, figure };
        return { what, figure, target: { text: `≤ ${most} ms`, met: median(values) <= most } };
      }),
      ...SIZES.filter((size) => size > generated.files).map((size) => ({
        what: `view, ${count(size)} hidden files`,
        figure: `not measured: ${generated.path} has no room for as many files`,
      })),
    ];
  } finally {
    rmSync(generated.path, { recursive: true, force: true });
  }
}

function measureGenerated(
  engine: Engine,
  work: string,
  source: string,
  sizes: readonly number[],
): Measurement[] {
  const nothing: BuildView = { ...engine.view(''), hidden: { files: new Map(), folders: new Set() } };
  const hide = (hidden: readonly string[]) => () => {
    const spec = specOfTrue(engine, nothing, work);
    return runTrue(engine, {
      ...spec,
      overlays: [...spec.overlays, { source, target: '/generated', hidden }],
    });
  };
  return [
    { what: 'view, nothing hidden', run: hide([]) },
    ...sizes.flatMap((size) => [
      {
        // Each of them needs its own whiteout, which is the worst case.
        what: `view, ${count(size)} hidden files, a visible one in each folder`,
        most: MOST.get(size),
        run: hide(listFiles(size)),
      },
      {
        what: `view, ${count(size)} hidden files in folders of ${FILES_IN_FOLDER} that are hidden whole`,
        run: hide(listFolders(size)),
      },
    ]),
  ];
}

function measureRoot(engine: Engine, work: string): Measurement[] {
  const view = engine.view('');
  const files = [...view.hidden.files.values()].reduce((sum, { size }) => sum + size, 0);
  const spec = specOfTrue(engine, view, work);
  const whiteouts = spec.overlays.reduce((sum, { hidden }) => sum + hidden.length, 0);
  rmSync(spec.staging, { recursive: true });
  return [
    {
      what: `view of this root without dependencies: ${count(files)} hidden files, ${count(whiteouts)} whiteouts`,
      run: () => runTrue(engine, specOfTrue(engine, view, work)),
    },
    { what: 'finding out what that hides, before', run: () => engine.view('') },
  ];
}

const count = (number: number) => number.toLocaleString('en');

function specOfTrue(engine: Engine, view: BuildView, work: string): SandboxSpec {
  return engine.spec(view, work, ['true'], { PATH: '/usr/bin:/bin', LC_ALL: 'C.UTF-8' });
}

async function runTrue(engine: Engine, spec: SandboxSpec): Promise<void> {
  const { status } = await engine.world.sandbox.run(spec, { event: () => {}, output: () => {} });
  rmSync(spec.staging, { recursive: true, force: true });
  if (status !== 0) throw new Error(`true ended with ${status}.`);
}

/**
 * Makes empty files, on a tmpfs if there is one with room for them, else in the folder of temporary files; as many as
 * there is room for.
 */
function makeFiles(folder: BenchFolder, wanted: number): { readonly path: string; readonly files: number } {
  const base = ['/dev/shm', tmpdir()].find(
    (path, index, { length }) => index === length - 1 || hasRoom(path, wanted),
  );
  const path = folder.newFolder(base ?? tmpdir());
  const files = Math.max(0, ...SIZES.filter((size) => size <= wanted && roomIn(path) >= size * 1.05));
  for (const one of listFolders(files)) {
    mkdirSync(join(path, one), { recursive: true });
    closeSync(openSync(join(path, one, 'visible.h'), 'w'));
  }
  for (const file of listFiles(files)) closeSync(openSync(join(path, file), 'w'));
  return { path, files };
}

function hasRoom(path: string, files: number): boolean {
  try {
    accessSync(path, constants.W_OK);
    return statfsSync(path).type === TMPFS && roomIn(path) >= files * 1.05;
  } catch {
    return false;
  }
}

/** The number of files that still fit into a file system; those that do not count files have room for all. */
function roomIn(path: string): number {
  const { files, ffree } = statfsSync(path);
  return files === 0 ? Number.POSITIVE_INFINITY : ffree;
}

const folderName = (folder: number) => `${Math.floor(folder / FOLDERS_IN_FOLDER)}/package-${folder}`;

function listFolders(files: number): string[] {
  return Array.from({ length: Math.ceil(files / FILES_IN_FOLDER) }, (_, folder) => folderName(folder));
}

function listFiles(files: number): string[] {
  return Array.from(
    { length: files },
    (_, file) => `${folderName(Math.floor(file / FILES_IN_FOLDER))}/header-${file}.h`,
  );
}
