import { nameInAtom, type PackageName } from '../../pms/package-name.ts';
import type { TextRange } from '../../pms/text-range.ts';
import { type FindingCode, OWN_CODES, REVIEW_CODES, STATIC_CODES, TRIAL_CODES } from '../finding.ts';
import { countErrors } from '../nearest-name.ts';

/** A rule that silences findings, with its reason. */
export interface IgnoreRule {
  readonly code: FindingCode;
  /** The package of the findings; absent if the rule holds for every package. */
  readonly about?: PackageName;
  readonly reason: string;
  readonly place: IgnorePlace;
}

/** The place at which a rule is written. */
export type IgnorePlace =
  | {
      readonly kind: 'ebuild';
      /** The comment, from its `#`. */
      readonly comment: TextRange;
      /**
       * The statement before it on its line; absent for a comment on a line of its own, which holds for the whole
       * ebuild.
       */
      readonly behind?: TextRange;
    }
  | {
      readonly kind: 'repository';
      /** Counted from 1, in {@link IGNORE_FILE}. */
      readonly line: number;
      /** `category/name`, `category/PF`, or either with `*` for any characters. */
      readonly packages: string;
    };

/** The file of a repository that holds its rules, relative to the repository. */
export const IGNORE_FILE = 'metadata/ebuild-audit.ignore';

/** A dash of any length between blanks begins the reason. */
const DASH = /(?:^|\s)(?:--?|–|—)(?=\s|$)/;

/** The codes that can be silenced. `stale-ignore` cannot: remove the stale rule instead. */
const CODES: readonly string[] = OWN_CODES.filter((code) => code !== 'stale-ignore');

/** What is wrong with a text that is not a rule. */
interface NoRule {
  /** One sentence that quotes the text. */
  readonly problem: string;
  /** The same without a quote, for a file that may not be shown. */
  readonly fault: string;
  /** The code that was probably meant by an unknown one. */
  readonly near?: { readonly written: string; readonly meant: string };
}

/** Reads `CODE [ATOM] – reason`. */
export function readIgnoreRule(text: string): Omit<IgnoreRule, 'place'> | NoRule {
  const dash = DASH.exec(text);
  const [code = '', atom, ...more] = text.slice(0, dash?.index ?? text.length).match(/\S+/g) ?? [];
  if (code === '')
    return {
      problem: 'The code of the finding is missing: write it after `ignore`.',
      fault: 'The code of the finding is missing: write it after the package.',
    };
  if (!CODES.includes(code) && !/^pkgcheck:\w+$/.test(code)) {
    const meant = nearestCode(code);
    const hint = meant === undefined ? '`ebuild-audit explain` lists the codes' : `perhaps you mean ${meant}`;
    return {
      problem: `No finding has the code ${code}: ${hint}.`,
      fault: `No finding has the code after the package: ${hint}.`,
      ...(meant === undefined ? {} : { near: { written: code, meant } }),
    };
  }
  // What equals one of our own codes is no secret.
  const known = CODES.includes(code) ? code : 'a finding of pkgcheck';
  const about = atom === undefined ? undefined : nameInAtom(atom);
  if (more.length > 0 || (atom !== undefined && about === undefined)) {
    const words = [atom, ...more].join(' ');
    return {
      problem: `${words} after ${code} is not one package: write category/name, then “ – ” and the reason.`,
      fault: `After ${known} there is something else than one package: write category/name, then “ – ” and the reason.`,
    };
  }
  const reason = dash === null ? '' : text.slice(dash.index + dash[0].length).trim();
  if (reason === '') {
    const missing = (ignored: string) =>
      `The reason for ignoring ${ignored} is missing: write it at the end, after “ – ”.`;
    return { problem: missing(code), fault: missing(known) };
  }
  return { code: code as FindingCode, reason, ...(about === undefined ? {} : { about }) };
}

/** Whether a rule is about findings that a trial gives. */
export function isAboutTrial({ code }: IgnoreRule): boolean {
  return (TRIAL_CODES as readonly string[]).includes(code) || GIVEN_TWICE.has(code);
}

/** The codes of findings that the text gives, and a trial if the text does not show enough. */
const GIVEN_TWICE: ReadonlySet<string> = new Set(['inherited-atom']);

/** Whether a rule is about findings that the text gives, or pkgcheck. */
export function isAboutText({ code }: IgnoreRule): boolean {
  return (STATIC_CODES as readonly string[]).includes(code) || code.startsWith('pkgcheck:');
}

/** Whether a rule is about findings that only a review gives. */
export function isAboutReview({ code }: IgnoreRule): boolean {
  return (REVIEW_CODES as readonly string[]).includes(code);
}

/** The codes that are at most two typing errors away, the nearest first. */
export function nearestCodes(written: string, codes: readonly string[]): string[] {
  return codes
    .map((code) => ({ code, errors: countErrors(written, code, MOST_ERRORS) }))
    .filter(({ errors }) => errors <= MOST_ERRORS)
    .sort((left, right) => left.errors - right.errors)
    .map(({ code }) => code);
}

const MOST_ERRORS = 2;

function nearestCode(written: string): string | undefined {
  return nearestCodes(written, CODES)[0];
}
