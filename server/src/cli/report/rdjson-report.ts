/**
 * The new findings of a review in the Reviewdog Diagnostic Format
 * (https://github.com/reviewdog/reviewdog/tree/master/proto/rdf).
 */
import { addressOf, PROJECT } from '../../audit/finding-address.ts';
import { placeAt } from '../../page/line-index.ts';
import { toMarkdown } from '../../page/markdown-text.ts';
import type { Review } from '../../review/review.ts';
import { formatJson } from './json-report.ts';
import type { ReviewSetting } from './report.ts';
import { listResults, messageLines, type ReviewResult } from './review-result.ts';

const SEVERITIES = { error: 'ERROR', warning: 'WARNING', information: 'INFO', hint: 'INFO' } as const;

/** Half of a pair of surrogates: Go refuses a document that has one. */
const HALF = /\p{Cs}/gu;

/** Formats the new findings of a review. */
export function formatRdjson(review: Review, { why }: Pick<ReviewSetting, 'why'>): string {
  return formatJson({
    source: { name: 'ebuild-audit', url: PROJECT },
    diagnostics: listResults(review).map((result) => describeResult(result, why)),
  });
}

function describeResult({ path, text, finding }: ReviewResult, why: boolean) {
  const suggestions = (finding.fix?.edits ?? [])
    .filter(({ newText }) => newText.search(HALF) < 0)
    .map(({ start, end, newText }) => ({ range: rangeOf(text, { start, end }), text: newText }));
  return {
    // The reporters of reviewdog that write comments take it for Markdown.
    message: messageLines(finding, why).map(toMarkdown).join('\n'),
    location: { path: path.replace(HALF, '\ufffd'), range: rangeOf(text, finding.range) },
    severity: SEVERITIES[finding.severity],
    code: { value: finding.code, url: addressOf(finding) },
    ...(suggestions.length === 0 ? {} : { suggestions }),
  };
}

function rangeOf(text: string, { start, end }: { readonly start: number; readonly end: number }) {
  return { start: bytePlaceAt(text, start), end: bytePlaceAt(text, end) };
}

/** A line and a column, counted from 1; columns count bytes of UTF-8. */
function bytePlaceAt(text: string, offset: number) {
  const { line, column } = placeAt(text, offset);
  return { line, column: Buffer.byteLength(text.slice(offset - (column - 1), offset)) + 1 };
}
