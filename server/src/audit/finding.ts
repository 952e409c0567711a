import type { TextEdit } from '../ebuild/text-edit.ts';
import type { PackageName } from '../pms/package-name.ts';
import type { Evidence } from '../trace/evidence.ts';

/** What only a trial can find. */
export const TRIAL_CODES = [
  'automagic',
  'misplaced',
  'missing-bdepend',
  'missing-depend',
  'missing-rdepend',
  'missing-slot-operator',
  'missing-use-conditional',
  'network-access',
  'not-installed',
  'transitive',
  'unowned-file',
  'unused',
] as const;
export type TrialFindingCode = (typeof TRIAL_CODES)[number];

/** What the text and the repositories show without building. */
export const STATIC_CODES = [
  'duplicate-atom',
  'invalid-atom',
  'missing-pkgconfig',
  'package-moved',
  'stale-ignore',
  'unknown-package',
  'unknown-slot',
  'unknown-use-flag',
  'unknown-version',
] as const;
export type StaticFindingCode = (typeof STATIC_CODES)[number];

/** Public and permanent; each has a page under docs/findings/. */
export type OwnFindingCode = TrialFindingCode | StaticFindingCode;

/** Our own, or a keyword of pkgcheck(1). */
export type FindingCode = OwnFindingCode | `pkgcheck:${string}`;

export interface Fix {
  readonly title: string;
  readonly edits: readonly TextEdit[];
  /** Offered to the author, but never made together with others without asking: it may not be what was meant. */
  readonly guess?: true;
}

/** The fix with these edits; undefined if there are none. @param isSure whether it can be applied without asking */
export function asFix(title: string, edits: readonly TextEdit[], isSure = true): Fix | undefined {
  if (edits.length === 0) return undefined;
  return isSure ? { title, edits } : { title, edits, guess: true };
}

export interface Finding {
  readonly code: FindingCode;
  readonly severity: 'error' | 'warning' | 'information' | 'hint';
  /** One sentence: what was needed, who owns it, what to add. */
  readonly message: string;
  /** UTF-16 offsets into the text that was judged, half open. */
  readonly range: { readonly start: number; readonly end: number };
  readonly evidence: readonly Evidence[];
  /** The edit that fixes it, where there is one. */
  readonly fix?: Fix | undefined;
  /** Other edits that an author may prefer to `fix`. */
  readonly alternatives?: readonly Fix[];
  /** What a trial's finding rests on, from the package to the rule; absent for what the text alone shows. */
  readonly why?: Why;
  /**
   * Every name of the package that it is about, the likeliest to be written first: a virtual, and the package behind it. Empty for a
   * finding that is about no package.
   */
  readonly about: readonly PackageName[];
  /** Another program that found it; absent where we did. */
  readonly source?: 'pkgcheck';
}

/** The rest of the chain phase – process – path – owner – rule, of which the evidence is the beginning. */
export interface Why {
  /** The package that the finding is about, with its version, e.g. `media-libs/libpng-1.6.39`; absent for one that is about none. */
  readonly owner?: string;
  /** One sentence: the rule that led from what was seen to the finding, e.g. `Headers are built against, so they point to DEPEND (PMS 8.1).` */
  readonly rule: string;
  /** What building with and without showed, one sentence each. */
  readonly trials: readonly string[];
}

/** A finding that the author or the repository does not want to be told of. */
export interface SilencedFinding {
  readonly finding: Finding;
  /** Why, in the words of who silenced it. */
  readonly reason: string;
  /** Where that is said, e.g. `line 7` or `metadata/ebuild-audit.ignore:3`. */
  readonly place: string;
}

/** The result of judging a record against a text. */
export interface Verdict {
  readonly findings: readonly Finding[];
  /** What rules of the ebuild and the repository silence; absent where nobody asked for them. */
  readonly silenced?: readonly SilencedFinding[];
  /**
   * `verified`: the text declares what the trial was run with. `not-verified`: the text has changed since, or a phase failed
   * for a reason that no finding explains.
   */
  readonly state: 'verified' | 'not-verified';
}
