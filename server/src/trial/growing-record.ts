import type { TrialRecord } from '../audit/record.ts';

/** The record of a trial that is running. */
export interface GrowingRecord {
  now(): TrialRecord;
  /** Changes some of it and says so. */
  update(change: Partial<TrialRecord>): void;
}

/** @param onChange called with the record as it is at first, and after each change */
export function createGrowingRecord(
  first: TrialRecord,
  onChange: (record: TrialRecord) => void,
): GrowingRecord {
  let record = first;
  onChange(record);
  return {
    now: () => record,
    update(change) {
      record = { ...record, ...change };
      onChange(record);
    },
  };
}
