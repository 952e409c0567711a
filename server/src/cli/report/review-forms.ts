import type { Review } from '../../review/review.ts';
import { formatGithub } from './github-report.ts';
import { formatHtml } from './html-report.ts';
import { formatJunit } from './junit-report.ts';
import { formatMarkdown } from './markdown-report.ts';
import { formatRdjson } from './rdjson-report.ts';
import type { Report, ReportSetting, ReviewSetting } from './report.ts';
import { openReport, REPORT_FORM_NAMES, type ReportForm } from './report-forms.ts';
import { formatSarif } from './sarif-report.ts';

/** The forms of `--format` that only a review has: each turns it into one text. */
const REVIEW_FORMS = {
  sarif: formatSarif,
  rdjson: formatRdjson,
  markdown: formatMarkdown,
  github: formatGithub,
  junit: formatJunit,
  html: formatHtml,
} as const satisfies Readonly<Record<string, (review: Review, setting: ReviewSetting) => string>>;

type OwnForm = keyof typeof REVIEW_FORMS;
export type ReviewForm = ReportForm | OwnForm;

const OWN_FORM_NAMES = Object.keys(REVIEW_FORMS) as readonly OwnForm[];

export const REVIEW_FORM_NAMES: readonly ReviewForm[] = [...REPORT_FORM_NAMES, ...OWN_FORM_NAMES];

/** Whether a form is one that only a review has. */
export function isOwnForm(form: string): form is OwnForm {
  return OWN_FORM_NAMES.some((name) => name === form);
}

/** Begins the report of a review in a form. */
export function openReviewReport(
  form: ReviewForm,
  setting: Pick<ReportSetting, 'print' | 'colors' | 'why'> & Pick<ReviewSetting, 'readPage'>,
): Pick<Report, 'reviewed'> {
  if (!isOwnForm(form)) return openReport(form, setting);
  return {
    reviewed: (review) => setting.print(REVIEW_FORMS[form](review, { ...setting, now: Date.now })),
  };
}
