import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createVirtualTime, emptyRecord } from '../../bench/sweep/virtual-time.ts';
import { UserError } from '../../server/src/errors/user-error.ts';
import { isUntried, type SweepLine } from '../../server/src/sweep/journal.ts';
import { MOST_ATTEMPTS, runSweep, type SweepProgress } from '../../server/src/sweep/run-sweep.ts';
import { selectEbuilds } from '../../server/src/sweep/swept-ebuild.ts';

/** What becomes of the attempts of a trial; the last is repeated. */
type Fate = 'found' | 'lost' | 'refused';

interface Swept {
  readonly lines: readonly SweepLine[];
  /** The error that stopped it. */
  readonly stopped: string | undefined;
  readonly attempts: readonly number[];
  readonly mostRunning: number;
  readonly progress: readonly SweepProgress[];
}

/** Sweeps ebuilds of which each has its own fates, in virtual time. */
async function sweep(fates: readonly (readonly Fate[])[], jobs: number): Promise<Swept> {
  const time = createVirtualTime();
  const ebuilds = selectEbuilds(
    fates.map((_, at) => ({ path: `/r/a/b${at}/b${at}-1.ebuild`, isNamed: false })),
    { live: false, newest: false },
  );
  const attempts = fates.map(() => 0);
  const lines: SweepLine[] = [];
  const progress: SweepProgress[] = [];
  let running = 0;
  let mostRunning = 0;
  const work = runSweep(
    ebuilds.map((ebuild, at) => ({ ebuild, expected: 1000 * (1 + (at % 7)) })),
    { jobs, fresh: false, quick: true, tests: false },
    {
      runner: {
        async run({ file, text }) {
          const at = Number(/b(\d+)-1\.ebuild$/.exec(file)?.[1]);
          mostRunning = Math.max(mostRunning, ++running);
          await time.sleep(1000 * (1 + (at % 5)));
          running--;
          const own = fates[at] ?? [];
          const fate = own[Math.min(attempts[at] ?? 0, own.length - 1)] ?? 'found';
          attempts[at] = (attempts[at] ?? 0) + 1;
          if (fate === 'lost') throw new UserError('A worker was lost.', { reach: 'passing' });
          if (fate === 'refused') throw new UserError('A distfile is missing.');
          return emptyRecord(text);
        },
      },
      check: async () => {},
      readFile: async () => '',
      describe: () => ({
        ...{ outcome: 'passed', failure: null, judged: true, findings: [], identities: [] },
        ...{ silenced: 0, log: '', storedAt: null },
      }),
      belongingOf: () => ({ repository: 'r', maintainers: [], eclasses: [] }),
      write: (line) => void lines.push(line),
      watch: (now) => void progress.push(now),
      now: time.now,
      date: () => 0,
    },
  );
  const stopped = await time.during(work).then(
    () => undefined,
    (error: Error) => error.message,
  );
  return { lines, stopped, attempts, mostRunning, progress };
}

test('every ebuild gets one line, whatever becomes of its attempts, unless nothing comes back any more', async () => {
  const fate = fc.constantFrom<Fate>('found', 'found', 'lost', 'refused');
  const fates = fc.array(fc.array(fate, { minLength: 1, maxLength: 5 }), { maxLength: 30 });
  await fc.assert(
    fc.asyncProperty(fates, fc.integer({ min: 1, max: 8 }), async (given, jobs) => {
      const { lines, stopped, attempts, mostRunning, progress } = await sweep(given, jobs);
      expect(mostRunning).toBeLessThanOrEqual(jobs);
      expect(Math.max(0, ...attempts)).toBeLessThanOrEqual(MOST_ATTEMPTS);
      const files = lines.map(({ file }) => file);
      expect(new Set(files).size).toBe(files.length);
      for (const line of lines) {
        const own = given[Number(/\/b(\d+)\//.exec(line.file)?.[1])] ?? [];
        const tried = Array.from({ length: MOST_ATTEMPTS }, (_, at) => own[Math.min(at, own.length - 1)]);
        const expected = tried.find((attempt) => attempt !== 'lost') ?? 'lost';
        expect(isUntried(line) ? (line.passing ? 'lost' : 'refused') : 'found').toBe(expected);
      }
      if (stopped === undefined) expect(files.length).toBe(given.length);
      else expect(stopped).toMatch(/^\d+ ebuilds in a row could not be tried/);
      const last = progress.at(-1);
      if (last === undefined) return;
      expect(last).toMatchObject({ done: files.length, running: 0, isStopping: stopped !== undefined });
      if (stopped === undefined) expect(last).toMatchObject({ again: 0, left: 0 });
    }),
  );
});

test('what is lost is tried again last, and the others do not wait for it', async () => {
  const { lines, attempts } = await sweep([['lost', 'lost', 'found'], ['found'], ['found']], 1);
  expect(lines.map(({ file }) => file.split('/')[1])).toEqual(['b1', 'b2', 'b0']);
  expect(attempts).toEqual([3, 1, 1]);
});
