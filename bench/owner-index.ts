import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createListedLinks, readLinkOnMachine } from '../server/src/installed/file-tree.ts';
import { type Installation, readInstallation } from '../server/src/installed/installation.ts';
import { createPathResolver } from '../server/src/installed/path-resolver.ts';
import { privatePackageManager, stateFolder } from '../server/src/package-manager/home.ts';
import { type PracticeVdb, writeVdb } from './practice-vdb.ts';
import { type Benchmark, median, type Row } from './table.ts';

const PACKAGES = 1500;
const PATHS = 1_000_000;

/** A resolver as at the first reading of a root: with an empty cache. */
function createPlace(root: string, cacheFolder: string | undefined) {
  const folders = ['etc', 'usr', 'var'].map((name) => ({ target: `/${name}`, source: join(root, name) }));
  const layout = { path: root, folders, links: [] };
  return {
    root,
    cacheFolder,
    resolver: createPathResolver(layout, readLinkOnMachine),
    createReadingResolver: () => createPathResolver(layout, createListedLinks()),
  };
}

async function time<T>(run: () => Promise<T>): Promise<{ readonly took: number; readonly value: T }> {
  const began = performance.now();
  const value = await run();
  return { took: performance.now() - began, value };
}

/** Prints the milliseconds that Portage needs for the owners of several paths at the first request of a process. */
const ASK_PORTAGE = `
import os, sys, time
root, *paths = sys.argv[1:]
os.environ.update(ROOT=root, PORTAGE_CONFIGROOT=root, PORTAGE_OVERRIDE_EPREFIX="", PORTAGE_USERNAME="root", PORTAGE_GRPNAME="root")
import portage.const
portage.const.GLOBAL_CONFIG_PATH = sys.prefix + "/share/portage/config"
from portage.dbapi.vartree import vartree
import portage
settings = portage.config(config_root=root, target_root=root, eprefix="")
tree = vartree(settings=settings)
began = time.perf_counter()
owners = tree.dbapi._owners.get_owners(paths)
print("took", (time.perf_counter() - began) * 1000, sum(len(files) for files in owners.values()))
`;

function askPortage(python: string, root: string, paths: readonly string[]): { took: number; found: number } {
  // With its cache, only the first run would do the whole work.
  rmSync(join(root, 'var/cache'), { recursive: true, force: true });
  const output = execFileSync(python, ['-c', ASK_PORTAGE, `${root}/`, ...paths], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [, took, found] = /took (\S+) (\d+)/.exec(output) ?? [];
  return { took: Number(took), found: Number(found) };
}

/** Times of several rounds in milliseconds. */
interface Opening {
  readonly cold: readonly number[];
  readonly writing: readonly number[];
  /** Portage's time; empty if there is no private Portage. */
  readonly portage: readonly number[];
  readonly installation: Installation;
}

interface Changes {
  readonly reopening: readonly number[];
  readonly changing: readonly number[];
  readonly rereading: readonly number[];
}

async function measure(root: string, cacheFolder: string): Promise<Row[]> {
  mkdirSync(join(root, 'etc/portage'), { recursive: true });
  const vdb = writeVdb(root, PACKAGES, PATHS);
  const contents = join(root, 'var/db/pkg/category-3/package3-1.3/CONTENTS');
  const opening = await measureOpening(root, cacheFolder, vdb);
  const changes = await measureChanges(root, cacheFolder, contents, opening.installation);
  return [
    ...describeOpening(vdb, opening),
    ...describeChanges(changes, statSync(contents).size),
    describeLookUps(opening.installation, vdb.someFiles),
    describeMemory(root, cacheFolder),
  ];
}

async function measureOpening(root: string, cacheFolder: string, vdb: PracticeVdb): Promise<Opening> {
  const python = join(
    privatePackageManager(stateFolder(process.env, process.geteuid?.() ?? 0), 'portage'),
    'bin/python3',
  );
  const asked = vdb.someFiles.filter((_, number) => number % 97 === 0).slice(0, 100);
  const cold: number[] = [];
  const writing: number[] = [];
  const portage: number[] = [];
  let first: Installation | undefined;
  for (let round = 0; round < 3; round++) {
    rmSync(cacheFolder, { recursive: true, force: true });
    const { took, value } = await time(() => readInstallation(createPlace(root, cacheFolder)));
    cold.push(took);
    writing.push((await time(() => value.saved)).took);
    first = value;
    // Portage takes half a minute. It runs between our runs, so that a disturbance of the machine affects both.
    if (round !== 1 || !existsSync(python)) continue;
    const answer = askPortage(python, root, asked);
    if (answer.found !== asked.length)
      throw new Error(`Portage found owners of ${answer.found} of ${asked.length} files.`);
    portage.push(answer.took);
  }
  return { cold, writing, portage, installation: first as Installation };
}

async function measureChanges(
  root: string,
  cacheFolder: string,
  contents: string,
  installation: Installation,
): Promise<Changes> {
  const reopening: number[] = [];
  const changing: number[] = [];
  const rereading: number[] = [];
  let current = installation;
  for (let round = 0; round < 9; round++) {
    reopening.push((await time(() => readInstallation(createPlace(root, cacheFolder)))).took);
  }
  for (let round = 0; round < 9; round++) {
    utimesSync(contents, 1, 1_700_000_000 + round);
    const changed = await time(() => readInstallation(createPlace(root, undefined), current));
    changing.push(changed.took);
    current = changed.value;
    const again = await time(() => readInstallation(createPlace(root, cacheFolder)));
    rereading.push(again.took);
    await again.value.saved;
  }
  return { reopening, changing, rereading };
}

const ms = (values: readonly number[]) => `${median(values).toFixed(1)} ms`;
const target = (text: string, met: boolean) => ({ target: { text, met } });

function describeOpening({ paths, packages }: PracticeVdb, { cold, writing, portage }: Opening): Row[] {
  const ratio = median(portage) / median(cold);
  return [
    {
      what: `owner index of ${paths} paths in ${packages} packages, cold (files in the page cache)`,
      figure: ms(cold),
      ...target('≤ 3 s', median(cold) <= 3000),
    },
    portage.length === 0
      ? {
          what: "Portage's get_owners on it",
          figure: 'not measured: no private Portage; run "npm run set-up"',
        }
      : {
          what: "Portage's get_owners on it, cold, one run between ours",
          figure: ms(portage),
          compared: { with: 'ours', ratio },
          ...target('≥ 10', ratio >= 10),
        },
    { what: 'writing it to disk, in the background', figure: ms(writing) },
  ];
}

function describeChanges({ reopening, changing, rereading }: Changes, size: number): Row[] {
  return [
    {
      what: 'reopening it, every package checked for changes',
      figure: ms(reopening),
      ...target('≤ 50 ms', median(reopening) <= 50),
    },
    {
      what: `one package changed (${Math.round(size / 1000)} kB of CONTENTS), all checked`,
      figure: ms(changing),
      ...target('≤ 20 ms', median(changing) <= 20),
    },
    { what: 'reopening after one package changed', figure: ms(rereading) },
  ];
}

function describeLookUps({ index }: Installation, files: readonly string[]): Row {
  const queries = files.flatMap((path) => [path, `${path}x`]);
  const speeds: number[] = [];
  for (let round = 0; round < 9; round++) {
    const began = performance.now();
    let found = 0;
    for (const path of queries) if (index.ownerOf(path) !== undefined) found++;
    speeds.push(queries.length / (performance.now() - began));
    if (found !== files.length) throw new Error(`${found} of ${files.length} files have an owner.`);
  }
  const speed = median(speeds) / 1000;
  return {
    what: `looking up ${queries.length} paths, every other one unknown`,
    figure: `${speed.toFixed(2)} million a second`,
    ...target('≥ 1 million', speed >= 1),
  };
}

function describeMemory(root: string, cacheFolder: string): Row {
  const run = fileURLToPath(new URL('../../scripts/run.mjs', import.meta.url));
  const program = [run, '../bench/owner-index-memory', root, cacheFolder];
  const grown = Number(execFileSync(process.execPath, program, { encoding: 'utf8' })) / 2 ** 20;
  return {
    what: 'what reopening adds to a process',
    figure: `${grown.toFixed(0)} MiB`,
    ...target('< 200 MiB', grown < 200),
  };
}

/** Measures the owner index on a very large VDB, compared with Portage's own. */
export const ownerIndex: Benchmark = {
  name: 'owner-index',
  async run() {
    const folder = mkdtempSync(join(tmpdir(), 'bench-vdb-'));
    try {
      return await measure(join(folder, 'root'), join(folder, 'index'));
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
};
