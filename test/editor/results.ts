/** Runs and counts the steps of a test that build on each other. */
export interface Results {
  /** Runs a step. After a failed step, the next ones are counted as failed without being run. */
  step(name: string, run: () => Promise<void>): Promise<void>;
  /** Adds the result of another program. */
  add(name: string, problem: string | undefined, milliseconds: number): void;
  skip(name: string, reason: string): void;
  /** Forgets a failed step, before steps that do not build on it. */
  startOver(): void;
  /** Prints `N passed, N failed, N skipped` and returns whether nothing failed. */
  summarize(): boolean;
}

export function createResults(say: (line: string) => void): Results {
  const count = { passed: 0, failed: 0, skipped: 0 };
  let broken = false;
  const add: Results['add'] = (name, problem, milliseconds) => {
    const seconds = `${(milliseconds / 1000).toFixed(1)} s`;
    if (problem === undefined) {
      count.passed++;
      say(`  ✓ ${name} (${seconds})`);
    } else {
      count.failed++;
      say(`  ✗ ${name} (${seconds})\n${problem.replace(/^/gm, '      ')}`);
    }
  };
  return {
    add,
    async step(name, run) {
      if (broken) return add(name, 'not run: a step before it failed', 0);
      const begin = Date.now();
      try {
        await run();
        add(name, undefined, Date.now() - begin);
      } catch (error) {
        broken = true;
        add(
          name,
          error instanceof Error ? (error.stack ?? error.message) : String(error),
          Date.now() - begin,
        );
      }
    },
    skip(name, reason) {
      count.skipped++;
      say(`  - ${name} – SKIPPED: ${reason}`);
    },
    startOver() {
      broken = false;
    },
    summarize() {
      say(`${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped`);
      return count.failed === 0;
    },
  };
}
