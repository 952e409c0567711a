/**
 * The review as SARIF 2.1.0, within the limits of GitHub
 * (https://docs.github.com/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning).
 *
 * Findings that stay are left out: GitHub ignores `baselineState` and would show them as alerts of the change.
 */
import { gzipSync } from 'node:zlib';
import type { Fix } from '../../audit/finding.ts';
import { PROJECT } from '../../audit/finding-address.ts';
import { showLine } from '../../errors/visible-text.ts';
import { PRODUCT_VERSION } from '../../host/product-version.ts';
import { cutText } from '../../page/cut-text.ts';
import { placeAt } from '../../page/line-index.ts';
import type { Review } from '../../review/review.ts';
import { countOf } from './count-of.ts';
import { formatJson } from './json-report.ts';
import type { ReviewSetting } from './report.ts';
import { fixesOf, listResults, messageLines, type ReviewResult } from './review-result.ts';
import { describeLeftOut, describeOrigin, describeTrials, headline } from './review-sentences.ts';
import { describeRules } from './sarif-rules.ts';

/** Limits for the results of a run: their number, and their size after compression in bytes, of which GitHub takes 10 MB. */
export const GITHUB_LIMITS = { results: 25_000, bytes: 9_000_000 };
/** The length of a message and of the text of a fix, in UTF-16 units. */
export const LONGEST_TEXT = 4000;

const LEVELS = { error: 'error', warning: 'warning', information: 'note', hint: 'note' } as const;
const ROOT = '%SRCROOT%';

/** Formats the new findings of a review. */
export function formatSarif(
  review: Review,
  { readPage, now, why }: ReviewSetting,
  limits: typeof GITHUB_LIMITS = GITHUB_LIMITS,
): string {
  const found = listResults(review);
  const rules = describeRules(
    found.map(({ finding }) => finding),
    readPage,
  );
  const ruleIds = rules.map(({ id }) => id);
  const results = takeFitting(
    found.map((result) => describeResult(result, ruleIds, why)),
    limits,
  );
  const left = found.length - results.length;
  const notifications = [
    ...(left === 0 ? [] : [notify('warning', `${countOf(left, 'new finding')} had no room here.`)]),
    ...describeReview(review, now()),
  ];
  return formatJson({
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'Ebuild Audit',
            semanticVersion: PRODUCT_VERSION,
            informationUri: PROJECT,
            rules,
          },
        },
        // GitHub takes what stands before the last slash for the category.
        automationDetails: { id: 'ebuild-audit/review/' },
        columnKind: 'utf16CodeUnits',
        originalUriBaseIds: { [ROOT]: { description: { text: 'The top folder of the git clone.' } } },
        invocations: [
          {
            executionSuccessful: review.ebuilds.every(({ isJudged }) => isJudged),
            toolExecutionNotifications: notifications,
          },
        ],
        results,
      },
    ],
  });
}

/** The results that fit into the limits, from the first one on. */
function takeFitting(results: readonly object[], limits: typeof GITHUB_LIMITS): readonly object[] {
  let taken = results.slice(0, limits.results);
  while (gzipSync(JSON.stringify(taken)).length > limits.bytes)
    taken = taken.slice(0, Math.floor(taken.length / 2));
  return taken;
}

function describeResult(
  { path, text, finding, fingerprint }: ReviewResult,
  ruleIds: readonly string[],
  why: boolean,
) {
  const uri = toUri(path);
  const fixes = fixesOf(finding).flatMap((fix) => describeFix(fix, uri, text));
  return {
    ruleId: finding.code,
    ruleIndex: ruleIds.indexOf(finding.code),
    level: LEVELS[finding.severity],
    message: { text: toMessage(messageLines(finding, why).join('\n')) },
    locations: [
      {
        physicalLocation: {
          artifactLocation: { uri, uriBaseId: ROOT },
          region: regionOf(text, finding.range),
        },
      },
    ],
    partialFingerprints: { primaryLocationLineHash: fingerprint },
    ...(fixes.length === 0 ? {} : { fixes }),
  };
}

/** An edit that is cut would be another one, so a fix with a very long edit is left out. */
function describeFix({ title, edits }: Fix, uri: string, text: string) {
  if (edits.some(({ newText }) => newText.length > LONGEST_TEXT)) return [];
  return [
    {
      description: { text: toMessage(showLine(title)) },
      artifactChanges: [
        {
          artifactLocation: { uri, uriBaseId: ROOT },
          replacements: edits.map(({ start, end, newText }) => ({
            deletedRegion: regionOf(text, { start, end }),
            insertedContent: { text: newText },
          })),
        },
      ],
    },
  ];
}

/** What a review says beside its new findings. */
function describeReview(review: Review, now: number) {
  return [
    notify('note', headline(review)),
    ...review.ebuilds.flatMap((ebuild) =>
      describeTrials(ebuild, now).map(({ label, text }) =>
        notify(
          label === 'not judged' ? 'error' : 'note',
          `${showLine(ebuild.path)} (${describeOrigin(ebuild)}): ${label === '' ? '' : `${label}: `}${text}`,
        ),
      ),
    ),
    ...describeLeftOut(review).map((sentence) => notify('note', sentence)),
  ];
}

function notify(level: 'error' | 'warning' | 'note', text: string) {
  return { level, message: { text: toMessage(text) } };
}

/**
 * A message without links: `[words](address)` would be one (SARIF 3.11.6), and an ebuild could place it. Braces stay as they are, because a
 * message without arguments has no placeholders.
 */
function toMessage(text: string): string {
  return cutText(text.replaceAll('](', '] ('), LONGEST_TEXT);
}

function regionOf(text: string, { start, end }: { readonly start: number; readonly end: number }) {
  const from = placeAt(text, start);
  const to = placeAt(text, end);
  return { startLine: from.line, startColumn: from.column, endLine: to.line, endColumn: to.column };
}

/** A path as a relative reference (RFC 3986). A byte that is not UTF-8 is written as that byte. */
function toUri(path: string): string {
  return path
    .split(/([/\u{dc80}-\u{dcff}])/u)
    .map((part) => {
      if (part === '/') return part;
      const code = part.length === 1 ? part.charCodeAt(0) : 0;
      if (code >= 0xdc80 && code <= 0xdcff) return `%${(code - 0xdc00).toString(16).toUpperCase()}`;
      return encodeURIComponent(part.replace(/\p{Cs}/gu, '\ufffd'));
    })
    .join('');
}
