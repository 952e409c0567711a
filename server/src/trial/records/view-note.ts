import type { ExportedView } from '../../audit/record.ts';
import type { EbuildFacts } from '../../ebuild/ebuild-facts.ts';
import type { EbuildLocation } from '../../repository/ebuild-location.ts';
import { openRecordStore } from './record-store.ts';
import { openTrialRecords, type RecordWorld, recordFolder } from './trial-records.ts';

/** An ebuild and its text. */
interface AskedEbuild {
  readonly location: EbuildLocation;
  readonly facts: EbuildFacts;
}

/**
 * Writes into the newest record of an ebuild and its text that still holds what its first build saw.
 *
 * @param limit see `openTrialRecords`
 * @param log called with one sentence about each record that cannot be used or written
 * @returns the record's name; undefined if there is none, or it cannot be written
 */
export async function noteView(
  world: RecordWorld,
  { location, facts }: AskedEbuild,
  view: ExportedView,
  limit: number,
  log: (sentence: string) => void,
): Promise<string | undefined> {
  const holding = await openTrialRecords(world, limit, log).findHolding(location, facts);
  if (holding === undefined || 'change' in holding) return undefined;
  try {
    return openRecordStore(recordFolder(world.home)).write({ ...holding, view });
  } catch (error) {
    log(
      `The view cannot be noted in the record of the trial (${(error as Error).message}): make the state folder writable.`,
    );
    return undefined;
  }
}
