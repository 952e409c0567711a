import { createJsonReport } from './json-report.ts';
import type { Report, ReportSetting } from './report.ts';
import { createTextReport } from './text-report.ts';

/** The forms of `--format`; the first is the default. */
const REPORT_FORMS = {
  text: createTextReport,
  json: createJsonReport,
} as const satisfies Readonly<Record<string, (setting: ReportSetting) => Report>>;

export type ReportForm = keyof typeof REPORT_FORMS;

export const REPORT_FORM_NAMES = Object.keys(REPORT_FORMS) as readonly ReportForm[];

/** The settings of commands without trials. */
const PLAIN: Pick<ReportSetting, 'why' | 'probes' | 'isConcurrent' | 'now'> = {
  why: false,
  probes: false,
  isConcurrent: false,
  now: Date.now,
};

/** Begins a report in a form. */
export function openReport(
  form: ReportForm,
  setting: Pick<ReportSetting, 'print' | 'colors'> & Partial<ReportSetting>,
): Report {
  return REPORT_FORMS[form]({ ...PLAIN, ...setting });
}
