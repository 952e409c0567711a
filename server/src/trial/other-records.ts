import type { TrialRecord } from '../audit/record.ts';
import type { EbuildLocation } from '../repository/ebuild-location.ts';
import type { TrialExtent } from './records/record-file.ts';

/** A trial that no record of this machine answers. */
export interface AskedTrial {
  readonly location: EbuildLocation;
  /** The text without the comments that ignore findings. */
  readonly bareText: string;
  readonly extent: TrialExtent;
  /** Name and version. */
  readonly packageManager: string;
  /** Absolute paths of this machine. */
  readonly root: string;
  readonly home: string;
}

/** The port to the records of other builders, which may answer in place of a trial. */
export interface OtherRecords {
  /** Rejects only with the signal's reason and with defects of the program: what is wrong with a record is logged. */
  find(asked: AskedTrial, signal?: AbortSignal): Promise<OtherAnswer>;
}

export type OtherAnswer =
  | { readonly kind: 'answer'; readonly record: TrialRecord }
  /** A trial must be run. */
  | {
      readonly kind: 'build';
      /**
       * Takes the record of the trial, to compare it with those of others.
       *
       * @returns sentences about the records that contradict each other or the trial
       */
      settle(record: TrialRecord): readonly string[];
    };
