import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openRepositoryIndex } from '../server/src/repository/index/open-repository-index.ts';
import { openBash } from './bash.ts';
import { EBUILDS, ebuildText, readEverything, writeOverlay } from './generated-overlay.ts';
import { type Benchmark, interleave, median, type Row } from './table.ts';

const ROUNDS = 5;

/** Measures an overlay of the size of GURU: indexed from nothing, opened again, and after one file has changed. */
export const repositoryIndex: Benchmark = {
  name: 'repository-index',
  async run(): Promise<readonly Row[]> {
    const folder = mkdtempSync(join(tmpdir(), 'bench-repository-index-'));
    try {
      return await measure(folder);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

async function measure(folder: string): Promise<readonly Row[]> {
  const repository = join(folder, 'overlay');
  const cacheFolder = join(folder, 'cache');
  writeOverlay(repository);
  const parser = await openBash();
  const open = async (cache: string): Promise<number> => {
    const index = openRepositoryIndex({ repository, root: join(folder, 'root'), cacheFolder: cache, parser });
    await index.ready();
    let ebuilds = 0;
    for (const name of index.packageNames()) {
      const [category = '', packageName = ''] = name.split('/');
      ebuilds += index.offered(category, packageName).length;
    }
    index.close();
    if (ebuilds !== EBUILDS) throw new Error(`${ebuilds} ebuilds were found instead of ${EBUILDS}`);
    return ebuilds;
  };
  const changed = join(repository, 'cat-0/package0/package0-1.ebuild');
  await open(cacheFolder);
  let round = 0;
  const [reading = [], cold = [], warm = [], changedOnce = []] = await interleave(ROUNDS, [
    () => readEverything(repository),
    () => open(join(folder, `cold-${round++}`)),
    () => open(cacheFolder),
    () => {
      writeFileSync(changed, `${ebuildText(0)}# ${round}\n`);
      return open(cacheFolder);
    },
  ]);
  const compared = (times: readonly number[]): NonNullable<Row['compared']> => ({
    with: 'reading the files',
    ratio: median(times) / median(reading),
  });
  const row = (what: string, times: readonly number[], most: number): Row => ({
    what: `repository index, ${EBUILDS} ebuilds: ${what}`,
    figure: `${Math.round(median(times))} ms`,
    compared: compared(times),
    target: { text: `≤ ${most} ms`, met: median(times) <= most },
  });
  const memory = process.memoryUsage.rss() / 2 ** 20;
  return [
    row('from nothing', cold, 1800),
    row('opened again, brought up to date and asked for everything', warm, 100),
    row('opened again after one file has changed', changedOnce, 100),
    {
      what: 'repository index: memory of the process after all of these',
      figure: `${Math.round(memory)} MiB`,
      target: { text: '≤ 200 MiB', met: memory <= 200 },
    },
  ];
}
