/** The options that several commands share, and how their values are read. */
import { InvalidArgumentError, Option } from 'commander';
import { parseLimit } from '../sandbox/limits.ts';
import type { SandboxLimits } from '../sandbox/sandbox.ts';
import type { RequestedStates } from '../trial/trial.ts';
import { REPORT_FORM_NAMES, type ReportForm } from './report/report-forms.ts';
import { isOwnForm, REVIEW_FORM_NAMES } from './report/review-forms.ts';
import type { ReportFile } from './review-command.ts';

export function formatOption(): Option {
  return new Option('--format <form>', 'report format')
    .choices(REPORT_FORM_NAMES)
    .default(REPORT_FORM_NAMES[0])
    .argParser(readForm);
}

function readForm(text: string): ReportForm {
  const form = REPORT_FORM_NAMES.find((name) => name === text);
  if (form !== undefined) return form;
  const others = isOwnForm(text) ? `; only "ebuild-audit review" writes ${text}` : '';
  throw new InvalidArgumentError(`Allowed choices are ${REPORT_FORM_NAMES.join(', ')}${others}.`);
}

export function readReport(text: string, before: readonly ReportFile[]): readonly ReportFile[] {
  const [, name, path] = /^([^=]*)=(.+)$/s.exec(text) ?? [];
  const form = REVIEW_FORM_NAMES.find((known) => known === name);
  if (form === undefined || path === undefined)
    throw new InvalidArgumentError(
      `Write FORM=FILE, such as html=review.html. Forms are ${REVIEW_FORM_NAMES.join(', ')}.`,
    );
  return [...before, { form, path }];
}

export function baselineOption(): Option {
  return new Option('--baseline <file>', 'hide the known findings that a file lists');
}

export function writeBaselineOption(): Option {
  return new Option(
    '--write-baseline <file>',
    'write all findings to a file as known ones, or bring it up to date',
  ).conflicts(['baseline', 'fix']);
}

export function rootOption(description: string): Option {
  return new Option(
    '--root <root>',
    `${description}: a folder, an EROFS or squashfs image, or a tarball`,
  ).default('', 'this machine if it is Gentoo, otherwise the practice root');
}

export function packageManagerOption(description: string): Option {
  return new Option('--package-manager <name>', description)
    .choices(['auto', 'portage', 'pkgcore'])
    .default('auto');
}

export function limitOption(description: string): Option {
  return new Option('--limit <name=value>', description)
    .argParser(readLimit)
    .default({}, 'see docs/limits.md');
}

export function bwrapOption(): Option {
  return new Option('--bwrap <program>', 'the bubblewrap program').default('', 'bwrap on PATH');
}

/** A USE flag (PMS 3.1.4). */
const FLAG = /^[A-Za-z0-9][A-Za-z0-9+_@-]*$/;

/** Reads the value of `--use-matrix`. @throws InvalidArgumentError if it is none */
export function readStates(text: string): RequestedStates {
  if (text === 'single' || text === 'pairwise') return { matrix: text };
  const flags = text.split(',');
  if (flags.every((flag) => FLAG.test(flag))) return { matrix: 'single', flags };
  throw new InvalidArgumentError('give "single", "pairwise", or USE flags with commas between them.');
}

/** Reads the value of `--use`. @throws InvalidArgumentError if a word is no flag */
export function readUse(text: string): readonly string[] {
  const flags = text.split(/[\s,]+/).filter((flag) => flag !== '');
  if (flags.every((flag) => FLAG.test(flag.replace(/^[-+]/, ''))))
    return flags.map((flag) => flag.replace(/^\+/, ''));
  throw new InvalidArgumentError('give USE flags with commas between them, such as "ssl,-png".');
}

export function readCount(least: number): (text: string) => number {
  return (text) => {
    if (!/^\d+$/.test(text) || Number(text) < least)
      throw new InvalidArgumentError(`give a whole number, ${least} or more.`);
    return Number(text);
  };
}

function readLimit(text: string, before: Partial<SandboxLimits>): Partial<SandboxLimits> {
  const parsed = parseLimit(text);
  if ('problem' in parsed) throw new InvalidArgumentError(parsed.problem);
  return { ...before, [parsed.limit]: parsed.value };
}
