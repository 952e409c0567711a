import type { TrialRecord } from '../audit/record.ts';
import type { RunnerSettings } from '../host/find-world.ts';
import type { NamedPaths } from '../host/named-paths.ts';
import type { Stack } from '../host/stacked-root.ts';
import type { Layering } from '../layers/add-layers.ts';
import type { EvaluatedMetadata } from '../package-manager/port.ts';
import type { TrialExtent } from '../trial/records/record-file.ts';

/** What a worker is asked to do. JSON; every path is one of the input root, and of the machine that asks. */
export interface TrialOrder {
  readonly format: 1;
  /** Absolute path of the ebuild, with the text to build. */
  readonly file: string;
  readonly extent: TrialExtent;
  readonly settings: RunnerSettings;
  /** The metadata in the first USE state, which the machine that asks has evaluated. */
  readonly metadata: EvaluatedMetadata;
  /** The layers that lie on the root; absent: none. */
  readonly layering?: OrderedLayering;
  /** Ids of installed packages whose files are not in the input root. */
  readonly absent: readonly string[];
}

/** The part of a layering that is plain data. Its folders travel. */
export type OrderedLayering = Omit<Layering, 'root' | 'release' | 'stack'> & { readonly stack: Stack };

/** What a worker answers. JSON. */
export type TrialAnswer =
  | {
      readonly kind: 'done';
      readonly record: TrialRecord;
      readonly metadata: readonly [EvaluatedMetadata, ...EvaluatedMetadata[]];
      readonly lasting: boolean;
      readonly named: NamedPaths | undefined;
      /** The texts of build logs, by the path that a record has for each. */
      readonly logs: Readonly<Record<string, string>>;
    }
  /** The trial goes on only with the files of these packages, by their ids. */
  | { readonly kind: 'lacking'; readonly packages: readonly string[] }
  /** The trial cannot be run, for a reason that is a sentence for the user. `passing`: another worker may run it. */
  | { readonly kind: 'refused'; readonly sentence: string; readonly reach: 'passing' | 'same' };

/**
 * The place of the helper in an input root, which a worker starts first: no link leads there, because a worker that has not entered the input root
 * would follow it elsewhere.
 */
export const ENTRY_PLACE = '/.ebuild-audit/enter';
/** The place of the order and of the answer, which is compressed (gzip), in an input root. */
export const ORDER_PLACE = '/.ebuild-audit/order.json';
export const ANSWER_PLACE = '/.ebuild-audit/answer.json.gz';

/** The exit status of a worker that has an answer: what it answers may be kept under the action, or another attempt may end otherwise. */
export const LASTING = 0;
export const PASSING = 75;
