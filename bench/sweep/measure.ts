/**
 * Runs in its own process, so that nothing else counts. Arguments: a repository as `writeTree` makes it, an earlier journal, and a folder for
 * the report. Runs the whole command, with a runner that builds nothing, and prints what it took as JSON.
 */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { listEbuilds } from '../../server/src/cli/ebuild-file.ts';
import { runSweepCommand } from '../../server/src/cli/sweep-command.ts';
import type { Found } from '../../server/src/sweep/journal.ts';
import { createNeedsReader } from '../../server/src/sweep/needs-reader.ts';
import { lineFor } from './generated-tree.ts';
import { emptyRecord } from './virtual-time.ts';

/** What a sweep took. */
export interface Measured {
  readonly status: number;
  readonly trials: number;
  /** From the beginning to the first trial, in milliseconds. */
  readonly plan: number;
  /** All of it, in milliseconds. */
  readonly whole: number;
  /** The most memory at one time, in bytes. */
  readonly memory: number;
  /** Of the page and of the journal, in bytes. */
  readonly page: number;
  readonly journal: number;
}

const [repository = '', since = '', output = ''] = process.argv.slice(2);
const began = performance.now();
let plan: number | undefined;
let trials = 0;
const describe = (file: string): Found =>
  lineFor({ file, package: file, needs: [], duration: 0 }, ++trials) as Found & ReturnType<typeof lineFor>;

const status = await runSweepCommand(
  {
    ...{ jobs: 100, fresh: false, quick: true, tests: false, live: false, newest: false, resume: false },
    output,
    since,
  },
  {
    runner: {
      async run({ text }) {
        plan ??= performance.now() - began;
        await new Promise((next) => setImmediate(next));
        return emptyRecord(text);
      },
    },
    check: async () => {},
    find: async () => (await listEbuilds(repository)).map((path) => ({ path, isNamed: false })),
    repositoryOf: () => 'generated',
    belongingOf: () => ({
      repository: 'generated',
      maintainers: [`maintainer${trials % 900}@example.org`],
      eclasses: [`eclass${trials % 240}`, 'toolchain-funcs'],
    }),
    readNeeds: createNeedsReader(() => {
      throw new Error('every ebuild has an entry in the md5-cache');
    }),
    openDurations: async () => () => undefined,
    readFile: async () => 'EAPI=8\nSLOT=0\n',
    describe: ({ file }) => describe(file),
    print: () => {},
    complain: (sentence) => process.stderr.write(`${sentence}\n`),
    line: { show: () => {}, clear: () => {} },
    now: () => performance.now(),
    date: () => 0,
  },
);
const measured: Measured = {
  status,
  trials,
  plan: plan ?? Number.NaN,
  whole: performance.now() - began,
  memory: process.resourceUsage().maxRSS * 1024,
  page: statSync(join(output, 'index.html')).size,
  journal: statSync(join(output, 'sweep.jsonl')).size,
};
console.log(JSON.stringify(measured));
