import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { formatColumns, median } from '../table.ts';
import type { Engine } from './engine.ts';
import type { BenchFolder } from './state-folder.ts';
import { findWays, untraced } from './ways.ts';

/** Frequent operations of builds, as a loop of bash with `$i` in it. */
const OPERATIONS = [
  { what: 'nothing (a turn of the loop)', times: 50_000, does: ':' },
  { what: 'look up a file that is not there', times: 50_000, does: '[[ -e /usr/include/header-$i.h ]]' },
  { what: 'look up the same file again', times: 50_000, does: '[[ -e /usr/include/header.h ]]' },
  { what: 'open, read and close the same file', times: 20_000, does: 'read -r line </usr/include/stdio.h' },
  { what: 'write a new file', times: 5_000, does: ': >$i' },
  { what: 'start a program and wait for it', times: 500, does: '/usr/bin/true' },
];

/**
 * Measures the microseconds of single operations in each way: the difference between a build in the engine and the
 * bare build.
 */
export async function measureCalls(engine: Engine, folder: BenchFolder, rounds: number): Promise<string> {
  const ways = [...findWays(engine), untraced(engine)];
  const view = engine.view('');
  const script = OPERATIONS.map(
    ({ times, does }) => `began=$EPOCHREALTIME
for (( i = 0; i < ${times}; i++ )); do ${does}; done
echo "$began $EPOCHREALTIME" >>"$WORK/marks"
`,
  ).join('');
  const times = ways.map(() => OPERATIONS.map((): number[] => []));
  for (let round = 0; round < rounds; round++) {
    for (const [index, way] of ways.entries()) {
      const work = join(folder.path, 'work');
      mkdirSync(join(work, 'new'), { recursive: true });
      const environment = { WORK: work, PATH: '/usr/bin:/bin', LC_ALL: 'C.UTF-8' };
      const command = ['bash', '-c', `cd new; ${script}`];
      await way.run({ work, command, environment, log: join(folder.path, 'calls.log') }, view);
      const marks = readFileSync(join(work, 'marks'), 'utf8').trim().split('\n');
      rmSync(work, { recursive: true });
      for (const [number, mark] of marks.entries()) {
        const [began = 0, ended = 0] = mark.split(' ').map(Number);
        times[index]?.[number]?.push(((ended - began) * 1e6) / (OPERATIONS[number]?.times ?? 1));
      }
    }
  }
  const cells = OPERATIONS.map(({ what }, number) => [
    what,
    ...times.map((ofWay) => `${median(ofWay[number] ?? []).toFixed(1)} µs`),
  ]);
  return formatColumns(['one operation', ...ways.map(({ name }) => name)], cells);
}
