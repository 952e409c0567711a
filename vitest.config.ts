import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // The editor suite has its own runner (test/editor): it needs the packaged extension and a workbench.
    exclude: ['test/editor/suite/**'],
    testTimeout: 20_000,
    hookTimeout: 120_000,
    // Trials share two cores; files run one after another so that a slow build never times out a neighbour.
    fileParallelism: false,
  },
});
