import type { TrialRecord } from '../../audit/record.ts';
import { locateForTrial } from '../../evaluation/work-folder.ts';
import { DEFAULT_STORAGE, findBuilder, type RunnerSettings } from '../../host/find-world.ts';
import { openTrialRecords } from './trial-records.ts';

/** What is kept of the trials in one Gentoo system. */
export interface StoredTrials {
  /** The Gentoo system, as an absolute path of this machine. */
  readonly rootPath: string;
  /**
   * The kept records of an ebuild, the newest first.
   *
   * @param file absolute path
   * @throws UserError if the file is not an ebuild of a repository
   */
  list(file: string): readonly TrialRecord[];
}

/**
 * Opens what is kept of the trials that these settings have made.
 *
 * @param log called with one sentence about each record that cannot be used
 * @throws UserError if there is no root or package manager
 */
export async function openStoredTrials(
  settings: RunnerSettings,
  log: (sentence: string) => void,
): Promise<StoredTrials> {
  const world = await findBuilder(settings);
  const records = openTrialRecords(world, (settings.storage ?? DEFAULT_STORAGE).records, log);
  return { rootPath: world.rootPath, list: (file) => records.list(locateForTrial(file, false)) };
}
