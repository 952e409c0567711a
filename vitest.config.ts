import { defineConfig } from 'vitest/config';

/** Of the sandbox: what neither measures nor looks at the machine. */
const VIEWS =
  'failure|hiding-places|isolation|native|policy|reporter|trace-stream|tracer|view-hiding|view-layered|view-nested-mounts|view-proof';

/** Of the hostile ebuilds: what measures. */
const MEASURING = 'floods|server';

/** What builds ebuilds, or runs commands in the sandbox, two at a time. */
const TRIALS = [
  'test/accuracy/**/*.test.ts',
  'test/cli/{runtime-command,stored-records}.test.ts',
  'test/failures/*.test.ts',
  'test/gentoo/*.test.ts',
  `test/hostile/!(${MEASURING}).test.ts`,
  'test/layers/**/*.test.ts',
  'test/other-editors/*.test.ts',
  'test/package-manager/**/*.test.ts',
  `test/sandbox/@(${VIEWS}).test.ts`,
  'test/sweep/real-sweep.test.ts',
  'test/trial/**/*.test.ts',
];

/** What measures time or memory, looks at all of the machine, runs trials side by side by itself, or starts a browser. */
const ALONE = [
  'test/browser/**/*.test.ts',
  'test/failures/{build,interruption}.test.ts',
  `test/hostile/@(${MEASURING}).test.ts`,
  'test/lsp/server-process.test.ts',
  'test/sweep/whole-tree.test.ts',
  `test/sandbox/!(${VIEWS}).test.ts`,
];

/** The editor suite has its own runner (test/editor): it needs the packaged extension and a workbench. */
const EDITOR = 'test/editor/suite/**';

/** The machine that counts has two processors; on a larger one a trial uses more than one of them. */
const WORKERS = 2;

/** In milliseconds. */
const TEST_TIMEOUT = 20_000;
/** So much longer a test may take that does not have the machine for itself. */
const BESIDE_ANOTHER = 2;

export default defineConfig({
  test: {
    globalSetup: ['test/support/compile-helper.ts'],
    // As in the product: optimizing the bash parser takes a second of processor time in each process.
    execArgv: ['--liftoff-only'],
    testTimeout: TEST_TIMEOUT,
    hookTimeout: 120_000,
    // One after another, so that what measures is alone.
    projects: [
      {
        extends: true,
        test: {
          name: 'rooms',
          include: ['test/**/*.test.ts'],
          isolate: false,
          exclude: [EDITOR, ...TRIALS, ...ALONE],
          testTimeout: BESIDE_ANOTHER * TEST_TIMEOUT,
          maxWorkers: WORKERS,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          name: 'trials',
          include: TRIALS,
          exclude: ALONE,
          isolate: false,
          testTimeout: BESIDE_ANOTHER * TEST_TIMEOUT,
          maxWorkers: WORKERS,
          sequence: { groupOrder: 2 },
        },
      },
      {
        extends: true,
        test: { name: 'alone', include: ALONE, fileParallelism: false, sequence: { groupOrder: 3 } },
      },
    ],
  },
});
