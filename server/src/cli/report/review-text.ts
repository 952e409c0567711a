import type { Colors } from 'picocolors/types';
import { conclude } from '../../audit/conclusion.ts';
import type { Finding } from '../../audit/finding.ts';
import type { TrialRecord } from '../../audit/record.ts';
import { showLine } from '../../errors/visible-text.ts';
import { type AuditedSide, isJudged } from '../../review/audit-side.ts';
import type { Review, ReviewedEbuild } from '../../review/review.ts';
import type { Cause } from '../../review/scope.ts';
import { formatFinding } from './finding-text.ts';
import type { ReportSetting } from './report.ts';

/** Formats a review for people: a line that counts, and for each ebuild what is new, what is fixed, and one line for the rest. */
export function formatReview(
  review: Review,
  { colors, why, now }: Pick<ReportSetting, 'colors' | 'why' | 'now'>,
): string {
  const { ebuilds, baseName, headName } = review;
  const between = showLine(`between ${baseName} and ${headName}`);
  const notes = describeLeftOut(review);
  if (ebuilds.length === 0)
    return [
      `No ebuild is added or changed ${between}: there is nothing to review; name another range such as HEAD~1.`,
      ...notes,
    ].join('\n');
  const sections = ebuilds.map((ebuild) => formatEbuild(ebuild, { colors, why, now }));
  const left = notes.length === 0 ? [] : [notes.join('\n')];
  return [colors.bold(summarize(review)), ...sections, ...left].join('\n\n');
}

/** `3 new, 1 fixed, 2 unchanged – 2 packages, 5 USE states, 4 min 10 s, 3 from records`. */
function summarize({ ebuilds, states, fromRecords, elapsed }: Review): string {
  const sum = (count: (ebuild: ReviewedEbuild) => number) =>
    ebuilds.reduce((total, ebuild) => total + count(ebuild), 0);
  const packages = new Set(ebuilds.map((ebuild) => ebuild.package)).size;
  const unjudged = sum(({ isJudged }) => (isJudged ? 0 : 1));
  const findings = [
    `${sum(({ added }) => added.length)} new`,
    `${sum(({ fixed }) => fixed.length)} fixed`,
    `${sum(({ unchanged }) => unchanged.length)} unchanged`,
    ...(unjudged === 0 ? [] : [`${countOf(unjudged, 'ebuild')} not judged`]),
  ];
  const work = [
    countOf(packages, 'package'),
    countOf(states, 'USE state'),
    printDuration(elapsed),
    ...(fromRecords === 0 ? [] : [`${fromRecords} from records`]),
  ];
  return `${findings.join(', ')} – ${work.join(', ')}`;
}

function formatEbuild(
  ebuild: ReviewedEbuild,
  { colors, why, now }: Pick<ReportSetting, 'colors' | 'why' | 'now'>,
): string {
  const { path, added, fixed, unchanged, after } = ebuild;
  const style = { colors, why, shown: new Set<string>() };
  const rest = [
    ...fixed.map((finding) => `  ${colors.green('fixed')} ${formatShort(finding)}`),
    ...(unchanged.length === 0 ? [] : [`  unchanged: ${listCodes(unchanged)}`]),
    ...describeLookedFor(ebuild),
    ...describeTrials(ebuild, colors, now()),
    ...(added.length + fixed.length + unchanged.length === 0 && ebuild.isJudged ? ['  no findings'] : []),
  ];
  return [
    `${colors.bold(showLine(path))} (${describeOrigin(ebuild)})`,
    ...added.map((finding) => formatFinding(path, after.text, finding, style)),
    ...rest,
  ].join('\n');
}

/** Where the ebuild comes from, or why it is looked at. */
function describeOrigin({ path, from, cause }: ReviewedEbuild): string {
  const folder = path.slice(0, path.lastIndexOf('/') + 1);
  if (from === undefined) return `new${describeCause(cause)}`;
  if (from === path) return `changed${describeCause(cause)}`;
  const name = from.startsWith(folder) ? from.slice(folder.length) : from;
  return showLine(`${cause.kind === 'renamed' ? 'renamed from' : 'new, compared with'} ${name}`);
}

function describeCause(cause: Cause): string {
  if (cause.kind === 'file') return showLine(` by ${cause.path}`);
  return cause.kind === 'eclass' ? showLine(` by ${cause.name}.eclass`) : '';
}

function formatShort({ severity, code, message }: Finding): string {
  return `${severity}[${code}]: ${showLine(message)}`;
}

/** `2 findings (missing-depend, unused)`. */
function listCodes(findings: readonly Finding[]): string {
  return `${countOf(findings.length, 'finding')} (${[...new Set(findings.map(({ code }) => code))].sort().join(', ')})`;
}

function describeLookedFor({ lookedFor }: ReviewedEbuild): string[] {
  const { newly = [], noLonger = [] } = lookedFor ?? {};
  return [
    ...(newly.length === 0 ? [] : [`  newly looked for: ${showLine(newly.join(', '))}`]),
    ...(noLonger.length === 0 ? [] : [`  no longer looked for: ${showLine(noLonger.join(', '))}`]),
  ];
}

/** What the trials could not say, so that a silent ebuild is a clean one. */
function describeTrials({ before, after, added }: ReviewedEbuild, colors: Colors, now: number): string[] {
  const lines: string[] = [];
  if (!isJudged(after)) lines.push(`  ${colors.red('not judged')}: ${describeProblem(after, now)}`);
  if (after.trial.kind === 'done' && after.trial.record.gaps.length > 0)
    lines.push(`  not observed: ${showLine(after.trial.record.gaps.join('; '))}`);
  const untried = after.trial.kind === 'done' ? listUntried(after.trial.record) : [];
  if (untried.length > 0) lines.push(`  not tried: ${untried.join(', ')}`);
  if (before !== undefined && !isJudged(before) && added.length > 0 && after.trial.kind === 'done')
    lines.push(
      `  The old version was not judged, so these findings may be older than this change: ${describeProblem(before, now)}`,
    );
  return lines;
}

/** What a trial leaves out unless it is asked for. */
function listUntried({ iuse, variants, untested }: TrialRecord): string[] {
  const isTested = variants.some((state) => state.untested === undefined && state.use.includes('test'));
  const tests = { 'left-out': 'src_test (--tests runs it)', restricted: 'src_test (RESTRICT forbids it)' };
  return [
    ...(variants.length === 0 && iuse.some((flag) => flag !== 'test')
      ? ['other USE states (--use-matrix tries them)']
      : []),
    ...(untested === undefined || isTested ? [] : [tests[untested]]),
  ];
}

function describeProblem({ trial }: AuditedSide, now: number): string {
  return showLine(
    trial.kind === 'refused' ? trial.reason : conclude(trial.record, trial.verdict, { now }).message,
  );
}

/** What the review has left out, one line each. */
function describeLeftOut({ eclasses, removed }: Review): string[] {
  return [
    ...eclasses.map(({ name, inheriting, taken }) =>
      showLine(
        inheriting === 0
          ? `No ebuild inherits the changed ${name}.eclass.`
          : `${name}.eclass was changed: ${taken} of ${countOf(inheriting, 'inheriting ebuild')} ${inheriting === 1 ? 'was' : 'were'} looked at.`,
      ),
    ),
    ...(removed === 0
      ? []
      : [`${countOf(removed, 'removed ebuild')} ${removed === 1 ? 'was' : 'were'} not looked at.`]),
  ];
}

const countOf = (count: number, noun: string) => `${count} ${noun}${count === 1 ? '' : 's'}`;

/** `1.2 s`, `4 min 10 s`, `2 h 5 min`. @param elapsed in milliseconds */
function printDuration(elapsed: number): string {
  if (elapsed < 59_950) return `${(elapsed / 1000).toFixed(1)} s`;
  const seconds = Math.round(elapsed / 1000);
  const minutes = Math.floor(seconds / 60);
  return minutes < 60
    ? `${minutes} min ${seconds % 60} s`
    : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
