import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createTrialQueue, TrialCancelled } from '../../server/src/trial/trial-queue.ts';

/** Work that ends by `finish`, or some time after it is aborted. */
function createWork() {
  const running: string[] = [];
  const started: string[] = [];
  const ends = new Map<string, () => void>();
  let most = 0;
  return {
    running,
    started,
    most: () => most,
    finish: (name: string) => ends.get(name)?.(),
    run: (name: string) => async (signal: AbortSignal) => {
      running.push(name);
      started.push(name);
      most = Math.max(most, running.length);
      await new Promise<void>((resolve) => {
        ends.set(name, resolve);
        signal.addEventListener('abort', () => setImmediate(resolve));
      });
      running.splice(running.indexOf(name), 1);
      signal.throwIfAborted();
      return name;
    },
  };
}
const tick = () => new Promise(setImmediate);
const why = (promise: Promise<unknown>) =>
  promise.then(
    () => 'done',
    (error: TrialCancelled) => error.why,
  );

test('waiting trials run in the order of their submission', async () => {
  const queue = createTrialQueue();
  const work = createWork();
  const endings = ['a', 'b', 'c'].map((name) => queue.submit(name, work.run(name)));
  for (const name of ['a', 'b', 'c']) {
    await tick();
    expect(work.running).toEqual([name]);
    work.finish(name);
  }
  expect(await Promise.all(endings)).toEqual(['a', 'b', 'c']);
});

test('a newer trial of the same ebuild replaces the waiting one in its turn', async () => {
  const queue = createTrialQueue();
  const work = createWork();
  const first = queue.submit('a', work.run('a'));
  const older = why(queue.submit('b', work.run('b1')));
  const last = queue.submit('c', work.run('c'));
  const newer = queue.submit('b', work.run('b2'));
  expect(await older).toBe('replaced');
  for (const name of ['a', 'b2', 'c']) {
    await tick();
    work.finish(name);
  }
  expect(await Promise.all([first, newer, last])).toEqual(['a', 'b2', 'c']);
  expect(work.started).toEqual(['a', 'b2', 'c']);
});

test('a newer trial of a running ebuild starts after the older one has ended, even if there is room', async () => {
  const queue = createTrialQueue(2);
  const work = createWork();
  const older = why(queue.submit('a', work.run('a1')));
  const newer = queue.submit('a', work.run('a2'));
  expect(work.running).toEqual(['a1']);
  expect(await older).toBe('replaced');
  await tick();
  expect(work.running).toEqual(['a2']);
  expect(work.most()).toBe(1);
  work.finish('a2');
  expect(await newer).toBe('a2');
});

test('a larger limit starts waiting trials at once', async () => {
  const queue = createTrialQueue();
  const work = createWork();
  const endings = ['a', 'b', 'c'].map((name) => queue.submit(name, work.run(name)));
  queue.resize(2);
  expect(work.running).toEqual(['a', 'b']);
  for (const name of ['b', 'a', 'c']) {
    await tick();
    work.finish(name);
  }
  await Promise.all(endings);
});

test('a trial that fails makes room for the next one', async () => {
  const queue = createTrialQueue();
  const failing = queue.submit('a', async () => {
    throw new Error('no');
  });
  const next = queue.submit('b', async () => 'b');
  await expect(failing).rejects.toThrow('no');
  expect(await next).toBe('b');
});

test('in any order of calls each trial ends once, no ebuild runs twice at once, and stopping ends all', async () => {
  const ask = fc.record({
    key: fc.constantFrom('a', 'b', 'c'),
    what: fc.constantFrom('submit', 'cancel', 'finish'),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 3 }),
      fc.array(ask, { maxLength: 30 }),
      async (places, asked) => {
        const queue = createTrialQueue(places);
        const work = createWork();
        const endings: Promise<string>[] = [];
        for (const [index, { key, what }] of asked.entries()) {
          if (what === 'submit') endings.push(why(queue.submit(key, work.run(`${key}${index}`))));
          else if (what === 'cancel') queue.cancel(key);
          else work.finish(work.running.find((name) => name.startsWith(key)) ?? '');
          const keys = work.running.map((name) => name.charAt(0));
          expect(new Set(keys).size).toBe(keys.length);
          expect(keys.length).toBeLessThanOrEqual(places);
          if (index % 3 === 0) await tick();
        }
        await queue.stop();
        expect(work.running).toEqual([]);
        for (const ending of await Promise.all(endings))
          expect(['done', 'asked', 'replaced', 'stopped']).toContain(ending);
        expect(await why(queue.submit('a', work.run('late')))).toBe('stopped');
      },
    ),
  );
});

test('a caller that aborts its trial gets the reason, before and after its turn', async () => {
  const queue = createTrialQueue();
  const work = createWork();
  const asked = new AbortController();
  const running = why(queue.submit('a', work.run('a'), asked.signal));
  const waiting = why(queue.submit('b', work.run('b'), asked.signal));
  asked.abort();
  expect(await Promise.all([running, waiting])).toEqual(['asked', 'asked']);
  expect(work.started).toEqual(['a']);
  await expect(queue.submit('c', work.run('c'), asked.signal)).rejects.toThrow(TrialCancelled);
});
