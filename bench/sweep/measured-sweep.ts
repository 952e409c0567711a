import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describeTree, lineFor, writeTree } from './generated-tree.ts';
import type { Measured } from './measure.ts';

const HEADER = {
  format: 1,
  version: '0',
  began: '2026-01-01T00:00:00.000Z',
  options: { quick: true, tests: false },
};

/** Sweeps a generated tree in a process of its own, with an earlier sweep that has the durations. @param folder an existing empty one */
export function measureSweep(folder: string, count: number): Measured {
  const ebuilds = describeTree(count);
  writeTree(join(folder, 'tree'), ebuilds);
  const since = join(folder, 'since');
  mkdirSync(since);
  const lines = [HEADER, ...ebuilds.map(lineFor)].map((line) => `${JSON.stringify(line)}\n`);
  writeFileSync(join(since, 'sweep.jsonl'), lines.join(''));
  const words = ['../bench/sweep/measure', join(folder, 'tree'), since, join(folder, 'sweep')];
  return JSON.parse(
    execFileSync(process.execPath, [resolve('scripts/run.mjs'), ...words], { encoding: 'utf8' }),
  );
}
