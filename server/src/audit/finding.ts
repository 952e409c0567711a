import type { TextEdit } from '../ebuild/text-edit.ts';
import type { PackageName } from '../pms/package-name.ts';
import type { Evidence } from '../trace/evidence.ts';

/** Codes of the findings that only a trial gives. */
export const TRIAL_CODES = [
  'automagic',
  'failing-use-state',
  'ineffective-flag',
  'misplaced',
  'missing-bdepend',
  'missing-depend',
  'missing-rdepend',
  'missing-slot-operator',
  'missing-use-conditional',
  'missing-use-dependency',
  'network-access',
  'not-installed',
  'refused-version',
  'prefer-virtual',
  'optional-rdepend',
  'plain-tool',
  'suffixed-program',
  'transitive',
  'unowned-file',
  'unresolved-need',
  'unused',
] as const;
export type TrialFindingCode = (typeof TRIAL_CODES)[number];

/** Codes of the findings that the text and the repositories give without a build. */
export const STATIC_CODES = [
  'duplicate-atom',
  'eclass-not-here',
  'ignored-variable',
  'inherited-atom',
  'invalid-atom',
  'invalid-eapi',
  'missing-pkgconfig',
  'missing-target-usedep',
  'missing-test-restrict',
  'package-deprecated',
  'package-moved',
  'stale-ignore',
  'syntax-error',
  'unknown-eclass',
  'unknown-package',
  'unknown-slot',
  'unknown-use-flag',
  'unknown-value',
  'unknown-version',
] as const;

/** Codes of the findings about a change, which only a review gives. `not-tried` is a note and not counted as a finding. */
export const REVIEW_CODES = [
  'live-ebuild-behind',
  'missing-revision-bump',
  'missing-subslot-bump',
  'not-tried',
] as const;

/** Public and permanent; each code has a page under docs/findings/. */
export const OWN_CODES = [...TRIAL_CODES, ...STATIC_CODES, ...REVIEW_CODES] as const;
export type OwnFindingCode = (typeof OWN_CODES)[number];

/** A code of Ebuild Audit, or a keyword of pkgcheck(1). */
export type FindingCode = OwnFindingCode | `pkgcheck:${string}`;

export interface Fix {
  readonly title: string;
  readonly edits: readonly TextEdit[];
  /** The fix may not be what the author meant: it is offered, and "fix all" leaves it out. */
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
  /** One sentence. Those of a trial say what to do, and then why. */
  readonly message: string;
  /** UTF-16 offsets into the text that was judged, half open. */
  readonly range: { readonly start: number; readonly end: number };
  readonly evidence: readonly Evidence[];
  /** The edit that fixes it, if there is one. */
  readonly fix?: Fix | undefined;
  /** Other edits that an author may prefer to `fix`. */
  readonly alternatives?: readonly Fix[];
  /** With what it is joined with the finding of the other variable, for a package that both DEPEND and RDEPEND lack. */
  readonly addition?: Addition;
  /** The reason for a finding of a trial, from the package to the rule; absent for findings of the text. */
  readonly why?: Why;
  /**
   * All names of the package that the finding is about, the likeliest in an ebuild first: a virtual, and the package
   * behind it. Empty if it is not about a package.
   */
  readonly about: readonly PackageName[];
  /** The other program that gave the finding; absent for our own. */
  readonly source?: 'pkgcheck';
}

/** An atom that both DEPEND and RDEPEND lack. */
export interface Addition {
  /** The atom with its conditions, as it is written. */
  readonly entry: string;
  /** The variables that get it: both, or the one that both take over. */
  readonly targets: readonly string[];
  /** The edits of all of them. */
  readonly edits: readonly TextEdit[];
  /** Other edits that an author may prefer, of all targets. */
  readonly alternatives: readonly Fix[];
  /** What is to be said after the targets; empty, or beginning with a comma. */
  readonly addendum: string;
  /** A clause: why this variable needs it. */
  readonly reason: string;
  /** What is to be said after the reason; empty, or beginning with a semicolon or a bracket. */
  readonly notes: string;
}

/** The rest of the chain phase – process – path – owner – rule, which begins with the evidence. */
export interface Why {
  /**
   * The package that the finding is about, with its version, e.g. `media-libs/libpng-1.6.39`; absent if it is not
   * about a package.
   */
  readonly owner?: string;
  /** One sentence: the rule that leads from the access to the finding, with its section of PMS. */
  readonly rule: string;
  /** The results of building with and without the package, one sentence each. */
  readonly trials: readonly string[];
}

/** A finding that the author or the repository ignores. */
export interface SilencedFinding {
  readonly finding: Finding;
  /** The reason that the ignore rule gives. */
  readonly reason: string;
  /** The place of the ignore rule, e.g. `line 7` or `metadata/ebuild-audit.ignore:3`. */
  readonly place: string;
}

/** The result of judging a record against a text. */
export interface Verdict {
  readonly findings: readonly Finding[];
  /** The findings that ignore rules of the ebuild and the repository silence; absent if no rules were applied. */
  readonly silenced?: readonly SilencedFinding[];
  /**
   * `verified`: the text declares what the trial was run with. `not-verified`: the text has changed since, or a phase failed
   * for a reason that no finding explains.
   */
  readonly state: 'verified' | 'not-verified';
  /** Whether the text is the one that was built, or differs from it only in comments that ignore findings. */
  readonly isBuilt: boolean;
}
