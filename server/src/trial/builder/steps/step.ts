import type { Phase } from '../../../package-manager/port.ts';

/** Phases that one run of the sandbox carries out one after another (PMS 9.2). */
export type Step = readonly Phase[];

/**
 * The steps of a build. The result of each step can be kept as a snapshot. Each step costs the start of a sandbox and a package manager, so
 * there are only steps that save more than that: docs/architecture.md has the measurements.
 */
export const STEPS: readonly Step[] = [
  ['setup', 'unpack', 'prepare'],
  ['configure'],
  ['compile'],
  ['test', 'install'],
];
