/** The sentences about a review that its forms share. Every character of them can be seen. */
import { conclude, listNames } from '../../audit/conclusion.ts';
import type { Finding } from '../../audit/finding.ts';
import { showLine } from '../../errors/visible-text.ts';
import { printDuration } from '../../page/duration.ts';
import { type AuditedSide, isJudged } from '../../review/audit-side.ts';
import type { ImageChanges } from '../../review/image-changes.ts';
import type { Review, ReviewedEbuild } from '../../review/review.ts';
import type { Cause } from '../../review/scope.ts';
import { lacksBuildDependency } from '../../trial/start-record.ts';
import { describeBaseline } from './baseline-sentences.ts';
import { countOf } from './count-of.ts';

/** The first line: what a review has found, or that there was nothing to review. */
export function headline(review: Review): string {
  const { ebuilds, baseName, headName } = review;
  if (ebuilds.length > 0) return summarize(review);
  const between = showLine(`between ${baseName} and ${headName}`);
  return `No ebuild is added or changed ${between}: there is nothing to review; name another range such as HEAD~1.`;
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

/** Where the ebuild comes from, or why it is looked at. */
export function describeOrigin({ path, from, cause }: ReviewedEbuild): string {
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

export function formatShort({ severity, code, message }: Finding): string {
  return `${severity}[${code}]: ${showLine(message)}`;
}

/** `2 findings (missing-depend, unused)`. */
export function listCodes(findings: readonly Finding[]): string {
  return `${countOf(findings.length, 'finding')} (${[...new Set(findings.map(({ code }) => code))].sort().join(', ')})`;
}

/** A line about an ebuild beside its findings. */
export interface ReviewNote {
  /** The beginning of the line; empty if the text is a whole sentence. */
  readonly label:
    | ''
    | 'newly looked for'
    | 'no longer looked for'
    | 'newly installed'
    | 'no longer installed'
    | 'soname'
    | 'newly linked'
    | 'no longer linked'
    | 'not judged'
    | 'not observed'
    | 'not tried'
    | 'disputed';
  /** One line in which every character can be seen. */
  readonly text: string;
  /** Whether it is about what is installed. */
  readonly isOfImage?: true;
}

/** What another version newly looks for, and what the trials could not say, so that a silent ebuild is a clean one. */
export function describeTrials(
  { before, after, added, lookedFor, imageChanges, notTried }: ReviewedEbuild,
  now: number,
): readonly ReviewNote[] {
  const { newly = [], noLonger = [] } = lookedFor ?? {};
  const notes: ReviewNote[] = [];
  if (newly.length > 0) notes.push({ label: 'newly looked for', text: showLine(newly.join(', ')) });
  if (noLonger.length > 0) notes.push({ label: 'no longer looked for', text: showLine(noLonger.join(', ')) });
  if (imageChanges !== undefined) notes.push(...describeImageChanges(imageChanges));
  if (!isJudged(after)) notes.push({ label: 'not judged', text: describeProblem(after, now) });
  if (after.trial.kind !== 'done') return notes;
  const { record } = after.trial;
  if (record.gaps.length > 0) notes.push({ label: 'not observed', text: showLine(record.gaps.join('; ')) });
  if (notTried.length > 0) notes.push({ label: 'not tried', text: showLine(notTried.join(', ')) });
  // They say so themselves if the trial is not judged.
  if (record.disputes !== undefined && isJudged(after))
    notes.push({ label: 'disputed', text: showLine(record.disputes.join(' ')) });
  if (before !== undefined && !isJudged(before) && added.length > 0)
    notes.push({
      label: '',
      text: `The old version was not judged, so these findings may be older than this change: ${describeProblem(before, now)}`,
    });
  return notes;
}

/** The number of files that a line names. */
const NAMED_FILES = 6;

function describeImageChanges(changes: ImageChanges): ReviewNote[] {
  const places = (list: ImageChanges['added']) =>
    list.map(({ path, files }) => (files === undefined ? path : `${path} (${files} files)`));
  const linked = (list: ImageChanges['newlyLinked']) =>
    list.map(({ soname, path }) => `${soname} by ${path}`);
  const lists = [
    ['newly installed', places(changes.added)],
    ['no longer installed', places(changes.removed)],
    ['soname', changes.sonames.map(({ before, after }) => `${before} is now ${after}`)],
    ['newly linked', linked(changes.newlyLinked)],
    ['no longer linked', linked(changes.noLongerLinked)],
  ] as const;
  return lists.flatMap(([label, items]): ReviewNote[] => {
    const rest = items.length - NAMED_FILES;
    const shown = [...items.slice(0, NAMED_FILES), ...(rest > 0 ? [`${rest} more`] : [])];
    return items.length === 0 ? [] : [{ label, text: showLine(shown.join(', ')), isOfImage: true }];
  });
}

function describeProblem({ trial }: AuditedSide, now: number): string {
  if (trial.kind === 'refused') return showLine(trial.reason);
  const { record, verdict } = trial;
  if (!lacksBuildDependency(record)) return showLine(conclude(record, verdict, { now }).message);
  const atoms = [...new Set(record.notInstalled.map(({ atom }) => atom))];
  return showLine(
    `Nothing was built, because the ebuild declares what is not installed: install ${listNames(atoms)}.`,
  );
}

/** What the review has left out, one line each. */
export function describeLeftOut({ eclasses, removed, baseline }: Review): string[] {
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
    ...(baseline === undefined ? [] : describeBaseline(baseline)),
  ];
}
