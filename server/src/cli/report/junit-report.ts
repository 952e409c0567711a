/**
 * The review as JUnit XML, which has no standard: the elements that GitLab, Jenkins and Forgejo's reporters read. Each ebuild is a suite, and
 * each new error or warning a test that fails.
 */
import { showLine } from '../../errors/visible-text.ts';
import { placeAt } from '../../page/line-index.ts';
import { escapeXml } from '../../page/xml-text.ts';
import type { Review, ReviewedEbuild } from '../../review/review.ts';
import type { ReviewSetting } from './report.ts';
import { messageLines } from './review-result.ts';
import {
  describeLeftOut,
  describeOrigin,
  describeTrials,
  formatShort,
  headline,
} from './review-sentences.ts';

interface Test {
  readonly name: string;
  readonly line?: number;
  /** How it ended, if it did not pass. */
  readonly end?: {
    readonly element: 'failure' | 'error';
    readonly type: string;
    readonly message: string;
    readonly text: string;
  };
}

/** Formats a review. */
export function formatJunit(review: Review, setting: ReviewSetting): string {
  const suites = review.ebuilds.map((ebuild) => ({ ebuild, tests: listTests(ebuild, setting) }));
  const all = suites.flatMap(({ tests }) => tests);
  const seconds = (review.elapsed / 1000).toFixed(3);
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    // The schema of Jenkins has the number of skipped tests only for each suite.
    `<testsuites${writeAttributes({ name: 'Ebuild Audit', ...countEnds(all), time: seconds })}>`,
    ...suites.flatMap(({ ebuild, tests }) => formatSuite(ebuild, tests, setting)),
    `  <!-- ${writeComment([headline(review), ...describeLeftOut(review)].join(' '))} -->`,
    '</testsuites>',
  ].join('\n');
}

function listTests(ebuild: ReviewedEbuild, { now, why }: ReviewSetting): readonly Test[] {
  const { after, added, isJudged } = ebuild;
  const tests = added
    .filter(({ severity }) => severity === 'error' || severity === 'warning')
    .map((finding): Test => {
      const [message = '', ...rest] = messageLines(finding, why);
      return {
        name: [finding.code, ...finding.about.slice(0, 1)].join(' '),
        line: placeAt(after.text, finding.range.start).line,
        end: { element: 'failure', type: finding.severity, message, text: [message, ...rest].join('\n') },
      };
    });
  if (!isJudged) {
    const problem = describeTrials(ebuild, now()).find(({ label }) => label === 'not judged')?.text ?? '';
    tests.push({
      name: 'trial',
      end: { element: 'error', type: 'not judged', message: problem, text: problem },
    });
  }
  return tests.length === 0 ? [{ name: 'no new error or warning' }] : tests;
}

function formatSuite(
  ebuild: ReviewedEbuild,
  tests: readonly Test[],
  { now }: Pick<ReviewSetting, 'now'>,
): readonly string[] {
  const { path, added, fixed } = ebuild;
  const advice = added.filter(({ severity }) => severity === 'information' || severity === 'hint');
  const output = [
    describeOrigin(ebuild),
    ...advice.map((finding) => `new ${formatShort(finding)}`),
    ...fixed.map((finding) => `fixed ${formatShort(finding)}`),
    ...describeTrials(ebuild, now()).map(({ label, text }) => (label === '' ? text : `${label}: ${text}`)),
  ];
  return [
    `  <testsuite${writeAttributes({ name: path, ...countEnds(tests), skipped: 0, time: '0' })}>`,
    ...tests.flatMap(({ name, line, end }) => {
      const place = { file: path, ...(line !== undefined && { line }) };
      const head = `    <testcase${writeAttributes({ classname: path, name, ...place, time: '0' })}`;
      if (end === undefined) return [`${head}/>`];
      const { element, type, message, text } = end;
      return [
        `${head}>`,
        `      <${element}${writeAttributes({ type, message })}>${escapeXml(text)}</${element}>`,
        '    </testcase>',
      ];
    }),
    `    <system-out>${escapeXml(output.join('\n'))}</system-out>`,
    '  </testsuite>',
  ];
}

function countEnds(tests: readonly Test[]) {
  const count = (element: string) => tests.filter(({ end }) => end?.element === element).length;
  return { tests: tests.length, failures: count('failure'), errors: count('error') };
}

function writeAttributes(attributes: Readonly<Record<string, string | number>>): string {
  return Object.entries(attributes)
    .map(([name, value]) => ` ${name}="${escapeXml(showLine(`${value}`))}"`)
    .join('');
}

/** A comment must not have two hyphens. */
function writeComment(text: string): string {
  return escapeXml(text).replace(/-(?=-|$)/g, '- ');
}
