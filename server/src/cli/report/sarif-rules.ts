import {
  type Finding,
  OWN_CODES,
  type OwnFindingCode,
  REVIEW_CODES,
  TRIAL_CODES,
} from '../../audit/finding.ts';
import { addressOf, DOCUMENTS } from '../../audit/finding-address.ts';
import { cutText } from '../../page/cut-text.ts';
import { mainSeverity, readPageHead, withoutLinks } from '../finding-page.ts';

/** The length of a description that GitHub takes, in UTF-16 units. */
const LONGEST_DESCRIPTION = 1024;
/** Documentation is not limited by GitHub, but a page that long would be a mistake. */
const LONGEST_HELP = 20_000;

const LEVELS: Readonly<Record<string, 'error' | 'warning' | 'note'>> = { error: 'error', warning: 'warning' };
const SEVERITIES = { error: 'error', warning: 'warning', note: 'recommendation' } as const;

/**
 * Describes all codes as rules of SARIF, whether or not they were found, so that they are the same for every review; and then those of the
 * findings that are not our own.
 *
 * @param readPage the page of a code, in Markdown
 */
export function describeRules(
  findings: readonly Finding[],
  readPage: (code: string) => string | undefined,
): readonly SarifRule[] {
  const own = new Set<string>(OWN_CODES);
  const others = new Map(
    findings.filter(({ code }) => !own.has(code)).map((finding) => [finding.code, finding]),
  );
  return [
    ...[...OWN_CODES].sort().map((code) => describeRule({ code }, readPage(code), originOf(code))),
    ...[...others.values()].map((finding) => describeRule(finding, undefined, 'text')),
  ];
}

function originOf(code: OwnFindingCode): 'review' | 'text' | 'trial' {
  if (TRIAL_CODES.some((known) => known === code)) return 'trial';
  return REVIEW_CODES.some((known) => known === code) ? 'review' : 'text';
}

/** A reportingDescriptor (SARIF 3.49). */
interface SarifRule {
  readonly id: string;
  readonly shortDescription: { readonly text: string };
  readonly fullDescription: { readonly text: string };
  readonly help: { readonly text: string; readonly markdown: string };
  readonly helpUri: string;
  readonly defaultConfiguration: { readonly level: 'error' | 'warning' | 'note' };
  readonly properties: { readonly tags: readonly string[]; readonly 'problem.severity': string };
}

function describeRule(
  { code, source }: Pick<Finding, 'code' | 'source'>,
  page: string | undefined,
  origin: 'review' | 'text' | 'trial',
): SarifRule {
  const helpUri = addressOf({ code, ...(source !== undefined && { source }) });
  const head = page === undefined ? undefined : readPageHead(page);
  const level = LEVELS[head === undefined ? 'warning' : mainSeverity(head)] ?? 'note';
  const summary = head?.summary ?? `See ${helpUri}.`;
  const markdown = page === undefined ? summary : withAddresses(page);
  return {
    id: code,
    shortDescription: { text: cutText(summary, LONGEST_DESCRIPTION) },
    fullDescription: { text: cutText(`${summary} ${meaningOf(page ?? '')}`.trim(), LONGEST_DESCRIPTION) },
    help: {
      text: cutText(withoutLinks(page ?? summary), LONGEST_HELP),
      markdown: cutText(markdown, LONGEST_HELP),
    },
    helpUri,
    defaultConfiguration: { level },
    properties: {
      tags: ['gentoo', 'dependencies', origin],
      'problem.severity': SEVERITIES[level],
    },
  };
}

/** The prose of the section "What it means". */
function meaningOf(page: string): string {
  const [, section = ''] = /\n## What it means\n+([\s\S]*?)(?=\n## |$)/.exec(page) ?? [];
  const prose = section.split('\n').filter((line) => line !== '' && !line.startsWith('    '));
  return withoutLinks(prose.join(' '));
}

/** Makes the links between pages whole, because they are read in another place. */
function withAddresses(page: string): string {
  return page.replace(/\]\((?!\w+:)([^)\n]+)\)/g, (_, target: string) => {
    return `](${new URL(target, `${DOCUMENTS}/findings/`).href})`;
  });
}
