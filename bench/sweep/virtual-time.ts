import { NOTHING_FOUND } from '../../server/src/audit/record.ts';
import type { TrialRunner } from '../../server/src/trial/trial.ts';

/** Time that passes only when everybody waits, so that weeks of trials take seconds. */
export interface VirtualTime {
  /** Milliseconds since the beginning. */
  now(): number;
  sleep(duration: number): Promise<void>;
  /** Lets time pass until the work has ended. */
  during<Result>(work: Promise<Result>): Promise<Result>;
}

interface Sleeper {
  readonly until: number;
  wake(): void;
}

export function createVirtualTime(): VirtualTime {
  /** A binary heap, the first to wake on top. */
  const sleepers: Sleeper[] = [];
  let now = 0;
  return {
    now: () => now,
    sleep: (duration) =>
      new Promise((wake) => {
        push(sleepers, { until: now + duration, wake });
      }),
    async during(work) {
      let isOver = false;
      const over = work.finally(() => {
        isOver = true;
      });
      // An error is thrown below.
      over.catch(() => {});
      while (!isOver) {
        await new Promise((next) => setImmediate(next));
        const first = pop(sleepers);
        if (first === undefined) continue;
        now = first.until;
        first.wake();
      }
      return over;
    },
  };
}

function push(heap: Sleeper[], added: Sleeper): void {
  let at = heap.push(added) - 1;
  while (at > 0) {
    const above = (at - 1) >> 1;
    const parent = heap[above];
    if (parent === undefined || parent.until <= added.until) break;
    heap[at] = parent;
    at = above;
  }
  heap[at] = added;
}

function pop(heap: Sleeper[]): Sleeper | undefined {
  const first = heap[0];
  const last = heap.pop();
  if (first === undefined || last === undefined || heap.length === 0) return first;
  let at = 0;
  for (;;) {
    const [left, right] = [heap[2 * at + 1], heap[2 * at + 2]];
    const isLeft = right === undefined || (left !== undefined && left.until <= right.until);
    const below = isLeft ? left : right;
    if (below === undefined || below.until >= last.until) break;
    heap[at] = below;
    at = 2 * at + (isLeft ? 1 : 2);
  }
  heap[at] = last;
  return first;
}

/** A runner whose trials take the time that is known of them, and find nothing. @param durationOf of the ebuild at a path, in milliseconds */
export function createVirtualRunner(
  time: VirtualTime,
  durationOf: (path: string) => number,
): Pick<TrialRunner, 'run'> {
  return {
    async run({ file, text }) {
      await time.sleep(durationOf(file));
      return emptyRecord(text);
    },
  };
}

/** The record of a trial that found nothing. */
export function emptyRecord(text: string): Awaited<ReturnType<TrialRunner['run']>> {
  const none = { RDEPEND: '', DEPEND: '', BDEPEND: '', IDEPEND: '', PDEPEND: '' };
  const nothing = { RDEPEND: [], DEPEND: [], BDEPEND: [], IDEPEND: [], PDEPEND: [] };
  return {
    format: 1,
    category: 'cat',
    packageAndVersion: 'package-1',
    packageManager: 'portage 3.0',
    text,
    bareText: text,
    evaluated: none,
    inherited: nothing,
    use: [],
    outcome: 'passed',
    iuse: [],
    ...NOTHING_FOUND,
    notInstalled: [],
    gaps: [],
    log: '',
  };
}
