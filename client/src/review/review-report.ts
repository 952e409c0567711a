import type { Finding } from '../../../server/src/audit/finding.ts';
import type { Evidence } from '../../../server/src/trace/evidence.ts';

/** The part of the JSON of `ebuild-audit review` that is shown here; docs/schemas/review.schema.json has the whole. */
export interface ReviewReport {
  readonly base: string;
  readonly ebuilds: readonly ReviewedEbuild[];
}

export interface ReviewedEbuild {
  /** Below the top folder of git, as `from`. */
  readonly file: string;
  /** The file at the base that it is compared with; null if there is none. */
  readonly from: string | null;
  readonly package: string;
  readonly judged: boolean;
  readonly head: {
    readonly problem?: string;
    readonly failure?: { readonly phase: string; readonly firstError: string } | null;
  };
  readonly new: readonly ReportedFinding[];
  readonly fixed: readonly ReportedFinding[];
  readonly unchanged: readonly ReportedFinding[];
  readonly notTried: readonly string[];
}

export interface ReportedFinding {
  readonly code: Finding['code'];
  readonly severity: Finding['severity'];
  readonly message: string;
  readonly range: { readonly start: Place; readonly end: Place };
  readonly evidence: readonly Evidence[];
  readonly fix: ReportedFix | null;
}

/** Counted from 1; columns are UTF-16 units. */
interface Place {
  readonly line: number;
  readonly column: number;
}

export interface ReportedFix {
  readonly title: string;
  /** Offsets are UTF-16 units of the text that was reviewed. */
  readonly edits: readonly { readonly start: number; readonly end: number; readonly newText: string }[];
}

/** Says how many findings are new, fixed and unchanged, such as `2 new, 1 fixed`. */
export function countFindings({ ebuilds }: ReviewReport): string {
  const count = (of: 'new' | 'fixed' | 'unchanged') =>
    ebuilds.reduce((sum, ebuild) => sum + ebuild[of].length, 0);
  return `${count('new')} new, ${count('fixed')} fixed, ${count('unchanged')} unchanged`;
}
