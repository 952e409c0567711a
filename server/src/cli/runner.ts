import { availableParallelism } from 'node:os';
import type { EbuildFacts } from '../ebuild/ebuild-facts.ts';
import type { TrialRunner } from '../trial/trial.ts';
import { createTrialRunner } from '../trial/trial-runner.ts';
import type { ReviewFlags, TrialFlags } from './arguments.ts';
import { openOtherRecords } from './sharing-world.ts';
import { readSettings } from './world-options.ts';

/**
 * Makes the runner of the trials of a command.
 *
 * @param atOnce the number of trials that share the processors
 * @throws UserError if the options for records of others are wrong
 */
export function openRunner(
  flags: TrialFlags | ReviewFlags,
  atOnce: number,
  readFacts: (text: string) => EbuildFacts,
  log: (sentence: string) => void,
): TrialRunner {
  const buildJobs = flags.buildJobs || Math.max(1, Math.floor(availableParallelism() / atOnce));
  const others = openOtherRecords(flags, readFacts, log);
  return createTrialRunner({ ...readSettings(flags), buildJobs }, readFacts, log, others);
}
