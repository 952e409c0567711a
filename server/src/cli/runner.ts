import { availableParallelism } from 'node:os';
import type { EbuildFacts } from '../ebuild/ebuild-facts.ts';
import type { RunnerSettings } from '../host/find-world.ts';
import type { TrialRunner } from '../trial/trial.ts';
import { createTrialRunner } from '../trial/trial-runner.ts';
import type { BuildFlags } from './build-options.ts';
import { openRemotePlace } from './remote-world.ts';
import { openOtherRecords } from './sharing-world.ts';
import { readSettings } from './world-options.ts';

/**
 * The settings of the trials of a command.
 *
 * @param atOnce the number of trials that share the processors
 * @param packageFolders folders of binary packages that come before those of the flags
 */
export function settingsOf(
  flags: BuildFlags,
  atOnce: number,
  packageFolders: readonly string[] = [],
): RunnerSettings {
  const buildJobs = flags.buildJobs || Math.max(1, Math.floor(availableParallelism() / atOnce));
  const settings = readSettings(flags);
  return { ...settings, buildJobs, packageFolders: [...packageFolders, ...(settings.packageFolders ?? [])] };
}

/**
 * Makes the runner of the trials of a command.
 *
 * @param product the folder with the bundle of the command line, which travels to workers
 * @throws UserError if the options for records of others or for remote trials are wrong
 */
export async function openRunner(
  flags: BuildFlags,
  settings: RunnerSettings,
  readFacts: (text: string) => EbuildFacts,
  log: (sentence: string) => void,
  product: string,
): Promise<TrialRunner> {
  const place = await openRemotePlace(flags, settings, flags.buildJobs, product);
  return createTrialRunner(settings, readFacts, log, openOtherRecords(flags, readFacts, log), place);
}
