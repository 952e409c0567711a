import { dirname, join } from 'node:path';
import type { Finding } from '../audit/finding.ts';
import { inTextOrder } from '../audit/finding-order.ts';
import { readText } from '../files/regular-file.ts';
import { createTrialQueue } from '../trial/trial-queue.ts';
import {
  type AuditedSide,
  type AuditOptions,
  type AuditWorld,
  auditSide,
  isJudged,
  type SidePlace,
} from './audit-side.ts';
import type { BaselineSummary } from './baseline.ts';
import { type Checkouts, makeCheckouts } from './checkout.ts';
import { compareFindings, type FindingChanges } from './compare-findings.ts';
import type { Git } from './git.ts';
import { compareInstalled, type ImageChanges } from './image-changes.ts';
import { compareLookedFor, type LookedFor } from './looked-for.ts';
import { type Range, resolveEverything, resolveRange } from './range.ts';
import { type ReminderWorld, remind } from './reminders/reminders.ts';
import { makeReviewFolder } from './review-folder.ts';
import { type ChangedEbuild, findScope, isReviewed, type Scope } from './scope.ts';
import { readStates } from './states.ts';

/** The result of a review, as plain data for every form of report. */
export interface Review extends Pick<Scope, 'eclasses' | 'removed'>, Pick<Range, 'baseName' | 'headName'> {
  readonly ebuilds: readonly ReviewedEbuild[];
  /** The number of USE states of the heads that were tried. */
  readonly states: number;
  /** The number of trials that a stored record answered. */
  readonly fromRecords: number;
  /** When it began, in milliseconds of the clock of its trials. */
  readonly began: number;
  /** In milliseconds. */
  readonly elapsed: number;
  /** Present if there is a baseline. */
  readonly baseline?: BaselineSummary;
}

export interface ReviewedEbuild extends ChangedEbuild, FindingChanges {
  /** Undefined if there is no ebuild at the base. */
  readonly before: AuditedSide | undefined;
  readonly after: AuditedSide;
  /** Whether `after` says what the ebuild needs. */
  readonly isJudged: boolean;
  /** Only for another version whose two trials say what it needs. */
  readonly lookedFor?: LookedFor;
  /** Only if the two trials say what the ebuilds need, and their images differ. */
  readonly imageChanges?: ImageChanges;
  /** Phrases about what the trial of the head did not try, apart from what an ignore rule accepts. */
  readonly notTried: readonly string[];
  /** Findings that the change brings and the baseline has, so that they are not among `added`; absent if there are none. */
  readonly known?: readonly Finding[];
}

export interface ReviewOptions extends AuditOptions {
  readonly range: string | undefined;
  /** Whether every ebuild of the working tree is audited, without a base, whatever `range` says. */
  readonly all: boolean;
  /** The number of ebuilds that are audited at the same time. */
  readonly jobs: number;
}

export interface ReviewWorld extends AuditWorld {
  readonly git: Git;
  /** The state folder. */
  readonly home: string;
}

/**
 * Audits the ebuilds that a range of commits adds, changes or concerns, before and after it, and compares their findings. Nothing is written
 * into the repository, and the checkouts are removed at the end, also when the review is cancelled.
 *
 * @returns a review without ebuilds if the range concerns none
 * @throws UserError if the range does not exist, a patch does not apply, or git cannot check out, and the signal's reason
 */
export async function reviewRange(
  options: ReviewOptions,
  world: ReviewWorld,
  signal?: AbortSignal,
): Promise<Review> {
  const began = world.now();
  const { git: whole } = world;
  const range = await (options.all ? resolveEverything(whole) : resolveRange(options.range, whole));
  const folder = await makeReviewFolder(world.home, world.git.top);
  const queue = createTrialQueue(options.jobs);
  try {
    const { git, ...states } = await applyTo(range, folder.path, world.git);
    const changes = await git.listChanges(states.base, states.head);
    const scope = { ebuilds: [], eclasses: [], removed: 0 };
    if (!changes.some(isReviewed)) return describeReview(range, scope, [], { began, ended: world.now() });
    const places = await makeCheckouts(folder.path, git, states);
    const read = readStates(places.base, places.head);
    const found = findScope(changes, read);
    const around: ReminderWorld = { ...read, ...world, changes };
    const reviewOne = async (ebuild: ChangedEbuild, cancelled: AbortSignal) =>
      withShownPaths(
        withReminders(await reviewEbuild(ebuild, places, options, world, cancelled), around),
        (sentence) => sentence.replaceAll(`${places.base}/`, '').replaceAll(`${places.head}/`, ''),
      );
    const reviewed = await Promise.all(
      found.ebuilds.map((ebuild) =>
        queue.submit(ebuild.path, (cancelled) => reviewOne(ebuild, cancelled), signal),
      ),
    );
    return describeReview(range, found, reviewed, { began, ended: world.now() });
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  } finally {
    // No trial may still read a checkout when it is removed.
    await queue.stop();
    await folder.remove();
  }
}

/** Applies the patch of a range, if it has one. */
async function applyTo(range: Range, scratch: string, git: Git): Promise<Range & { readonly git: Git }> {
  if (range.patch === undefined) return { ...range, git };
  const patched = await git.applyPatch(range.patch, range.base, scratch);
  return { ...range, git: patched.git, head: patched.tree };
}

function describeReview(
  { baseName, headName }: Range,
  { eclasses, removed }: Scope,
  ebuilds: readonly ReviewedEbuild[],
  { began, ended }: { readonly began: number; readonly ended: number },
): Review {
  const elapsed = ended - began;
  return { baseName, headName, eclasses, removed, ebuilds, ...countTrials(ebuilds), began, elapsed };
}

async function reviewEbuild(
  ebuild: ChangedEbuild,
  places: Checkouts,
  options: AuditOptions,
  world: AuditWorld,
  signal: AbortSignal,
): Promise<ReviewedEbuild> {
  const { path, from } = ebuild;
  const name = path.slice(path.lastIndexOf('/') + 1);
  const audit = (place: SidePlace) => auditSide(place, options, world, signal);
  const after = await audit({ top: places.head, path, title: `trial of ${name}` });
  if (from === undefined) return compareSides(ebuild, undefined, after);
  const kept = findKept(ebuild, places);
  const before = await audit({
    top: places.base,
    path: from,
    title: `base trial of ${from.slice(from.lastIndexOf('/') + 1)}`,
    // There, records of the author's own trials answer, and the next review finds those of this one.
    ...(kept !== undefined && { tried: kept }),
    ...(kept === after.file && { known: { text: after.text, trial: after.trial } }),
    // What it finds could be compared with nothing.
    ...(after.trial.kind === 'refused' && {
      unbuilt: 'The old version was not tried, because the new one could not be.',
    }),
  });
  return compareSides(ebuild, before, after);
}

/** The file of the head that can be built in place of that of the base; see `ChangedEbuild.isOriginKept`. */
function findKept(
  { path, from, isOriginKept, isManifestChanged }: ChangedEbuild,
  places: Checkouts,
): string | undefined {
  if (!isOriginKept || from === undefined) return undefined;
  if (!isManifestChanged) return join(places.head, from);
  // A new version only adds lines. If one is gone, the sources of the old version could not be checked.
  const manifest = join(dirname(path), 'Manifest');
  const [before, now] = [places.base, places.head].map((top) =>
    (readText(join(top, manifest), [top], () => {}) ?? '').split('\n'),
  );
  return before?.every((line) => now?.includes(line)) ? join(places.head, from) : undefined;
}

/** Compares only what is known of both sides. Unless the head is judged, nothing is known to be fixed but what the text shows. */
function compareSides(
  ebuild: ChangedEbuild,
  before: AuditedSide | undefined,
  after: AuditedSide,
): ReviewedEbuild {
  const changes = compareFindings(before?.findings ?? [], after.findings);
  return {
    ...ebuild,
    ...changes,
    ...(!isJudged(after) && { fixed: compareFindings(before?.written ?? [], after.written).fixed }),
    before,
    after,
    isJudged: isJudged(after),
    notTried: [],
    ...(before !== undefined && compareBuilds(before, after, ebuild.from !== ebuild.path)),
  };
}

/** Adds what the comparison itself shows, which only the head can have. */
function withReminders(reviewed: ReviewedEbuild, around: ReminderWorld): ReviewedEbuild {
  const { reminders, notTried } = remind(reviewed, reviewed.before, reviewed.after, around);
  return { ...reviewed, added: inTextOrder([...reviewed.added, ...reminders]), notTried };
}

function compareBuilds(
  before: AuditedSide,
  after: AuditedSide,
  isOtherVersion: boolean,
): Pick<ReviewedEbuild, 'lookedFor' | 'imageChanges'> {
  if (before.trial.kind !== 'done' || after.trial.kind !== 'done') return {};
  if (!isJudged(before) || !isJudged(after)) return {};
  const [old, now] = [before.trial.record, after.trial.record];
  const imageChanges = compareInstalled(old, now);
  return {
    ...(isOtherVersion && { lookedFor: compareLookedFor(old, now) }),
    ...(imageChanges !== undefined && { imageChanges }),
  };
}

/** Replaces the paths of checkouts, which are gone when the report is read, in every sentence. */
function withShownPaths(reviewed: ReviewedEbuild, show: (sentence: string) => string): ReviewedEbuild {
  const showAll = (findings: ReviewedEbuild['added']) =>
    findings.map((finding) => ({ ...finding, message: show(finding.message) }));
  const showSide = (side: AuditedSide): AuditedSide =>
    side.trial.kind === 'done'
      ? side
      : { ...side, trial: { ...side.trial, reason: show(side.trial.reason) } };
  return {
    ...reviewed,
    added: showAll(reviewed.added),
    fixed: showAll(reviewed.fixed),
    unchanged: showAll(reviewed.unchanged),
    before: reviewed.before && showSide(reviewed.before),
    after: showSide(reviewed.after),
  };
}

function countTrials(ebuilds: readonly ReviewedEbuild[]): Pick<Review, 'states' | 'fromRecords'> {
  const recordOf = (side: AuditedSide | undefined) =>
    side?.trial.kind === 'done' ? [side.trial.record] : [];
  const heads = ebuilds.flatMap(({ after }) => recordOf(after));
  const all = new Set(ebuilds.flatMap(({ before, after }) => [...recordOf(before), ...recordOf(after)]));
  return {
    states: heads.reduce((sum, { variants }) => sum + 1 + variants.length, 0),
    fromRecords: [...all].filter((record) => record.storedAt !== undefined || record.sharedBy !== undefined)
      .length,
  };
}
