import type { Phase } from '../../../package-manager/port.ts';

/** Phases that one run of the sandbox carries out, one after another (PMS 9.2). */
export type Step = readonly Phase[];

/**
 * A build in steps. The result of each can be kept and built upon. A cut costs the start of a sandbox and a package manager, so it is
 * made only where it saves more: docs/architecture.md has the measurements.
 */
export const STEPS: readonly Step[] = [
  ['setup', 'unpack', 'prepare'],
  ['configure'],
  ['compile'],
  ['test', 'install'],
];
