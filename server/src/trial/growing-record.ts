import type { TrialRecord } from '../audit/record.ts';

/** The record of a running trial. */
export interface GrowingRecord {
  now(): TrialRecord;
  /** Changes some fields and calls the listener. */
  update(change: Partial<TrialRecord>): void;
}

/** @param onChange called with the first record and with each changed one */
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
