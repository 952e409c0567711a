import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { compileProgram } from '../hostile/decoys.ts';
import { requireOrSkip } from '../support/requirement.ts';
import { isLong, mostly } from '../support/user.ts';
import type { RunnerReport } from './runner.ts';
import { type Bench, gaps, missing, openBench } from './setup.ts';

const can = requireOrSkip(missing);
const SOURCE = new URL('../hostile/programs/hide.c', import.meta.url);

interface Way {
  readonly name: string;
  readonly leaves: string;
}

function listWays(): readonly Way[] {
  const folder = mkdtempSync(join(tmpdir(), 'hiding-places-'));
  try {
    const lines = execFileSync(compileProgram('hide', folder), ['list'], { encoding: 'utf8' }).trim();
    return lines.split('\n').map((line) => {
      const [name = '', leaves = ''] = line.split(' ');
      return { name, leaves };
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The paths that the trace names, and those that they became. */
function listNamed(report: RunnerReport): string[] {
  return report.events
    .flatMap((event) =>
      event.kind === 'access' || event.kind === 'exec' || event.kind === 'connect'
        ? [event.path, ...event.hops]
        : [],
    )
    .map(normalise);
}

/** Takes `.` and `..` by text, which is right if no folder is a link. */
function normalise(path: string): string {
  return new URL(`file://${path.replace(/\/{2,}/g, '/')}`).pathname;
}

/** What is wrong with the trace of one way, or nothing. */
function findFault(way: Way, file: string, report: RunnerReport): string[] {
  const said = gaps(report);
  const isSeen = listNamed(report).includes(file);
  const isRight = way.leaves === 'gap' ? said.length > 0 : isSeen && said.length === 0;
  const isDone = report.status === 0 || report.status === 1;
  return isRight && isDone ? [] : [`${way.name}: ${report.status} ${isSeen} ${said} ${report.output}`];
}

const users = mostly('user');
describe.each(users)('a file is looked for in every way, as %s', (as) => {
  let bench: Bench;
  beforeAll(async () => {
    if (missing !== undefined) return;
    bench = await openBench();
    bench.compile('hide', readFileSync(SOURCE, 'utf8'), ['-static', '-w']);
  });
  afterAll(() => bench?.remove());

  // A file that is not there, as if the view hid it; and in the long tests one that is, for one of the users.
  const hidden = '/usr/include/hidden-from-view.h';
  for (const file of isLong && as === users[0] ? ['/usr/include/stdio.h', hidden] : [hidden])
    can(
      `each leaves an access to ${file} or a gap`,
      async () => {
        const ways = listWays();
        expect(ways.length).toBeGreaterThan(60);
        const faults: string[] = [];
        for (const way of ways) {
          const spec = bench.spec({ command: ['/fixture/hide', way.name, file] });
          faults.push(...findFault(way, file, await bench.run(as, bench.request(spec))));
        }
        expect(faults).toEqual([]);
      },
      120_000,
    );
});
