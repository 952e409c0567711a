import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { compareImages } from '../server/src/image/compare-images.ts';
import { readImage } from '../server/src/image/image-summary.ts';
import { type Benchmark, interleave, median, type Row } from './table.ts';

const ROUNDS = 5;

/** Folders that every machine with a compiler has: one of programs, the other of texts. */
const FOLDERS = ['/usr/bin', '/usr/include'] as const;

/** Summarises installed images, compared with reading and hashing every file of them. */
export const images: Benchmark = {
  name: 'images',
  async run(): Promise<readonly Row[]> {
    const rows: Row[] = [];
    for (const folder of FOLDERS) rows.push(...(await measure(folder)));
    return rows;
  },
};

async function measure(folder: string): Promise<readonly Row[]> {
  const summary = readImage(folder);
  const bytes = hashEverything(folder);
  const [hashing = [], reading = [], comparing = []] = await interleave(ROUNDS, [
    () => hashEverything(folder),
    () => readImage(folder),
    () => compareImages(summary, summary),
  ]);
  const size = `${(bytes / 2 ** 20).toFixed(0)} MiB in ${summary.entries.size} entries`;
  return [
    {
      what: `summarise an image of ${folder}, ${size}`,
      figure: `${median(reading).toFixed(0)} ms`,
      compared: { with: 'SHA-256 of each file', ratio: median(reading) / median(hashing) },
    },
    { what: `compare two summaries of ${folder}`, figure: `${median(comparing).toFixed(1)} ms` },
  ];
}

/** @returns the number of bytes that were read */
function hashEverything(folder: string): number {
  let bytes = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile()) continue;
    const content = readFileSync(`${entry.parentPath}/${entry.name}`);
    createHash('sha256').update(content).digest();
    bytes += content.length;
  }
  return bytes;
}
