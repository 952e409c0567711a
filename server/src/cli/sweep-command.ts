import { resolve } from 'node:path';
import { isForUser, UserError } from '../errors/user-error.ts';
import { formatSweepPage } from '../page/sweep-page.ts';
import { runInSlices } from '../repository/index/slices.ts';
import { isUntried, keyOfLine, readJournal, type SweepLine } from '../sweep/journal.ts';
import type { ReadNeeds } from '../sweep/needs-reader.ts';
import { type PlanInput, planSweep } from '../sweep/plan.ts';
import { runSweep, type SweepOptions, type SweepTrial, type SweepWorld } from '../sweep/run-sweep.ts';
import { journalOf, openSweepFolder, type SweepFolder, writePage } from '../sweep/sweep-folder.ts';
import { type FoundPath, type Selection, type SweptEbuild, selectEbuilds } from '../sweep/swept-ebuild.ts';
import { createKnownFindings, createTally, type SweepSummary, type Tally } from '../sweep/tally.ts';
import type { LastDuration } from '../trial/records/last-durations.ts';
import { CLEAN, COULD_NOT_RUN, FINDINGS } from './exit-status.ts';
import type { SweepProgressLine } from './sweep-line.ts';

export interface SweepCommandOptions extends SweepOptions, Selection {
  /** The folder of the report. */
  readonly output: string;
  /** Whether a sweep in the folder goes on. */
  readonly resume: boolean;
  /** The folder or the journal of an earlier sweep. */
  readonly since: string | undefined;
}

export interface SweepCommandWorld extends Omit<SweepWorld, 'write' | 'watch'> {
  /** Finds the ebuilds that the arguments stand for. @throws UserError */
  find(): Promise<readonly FoundPath[]>;
  /** The name of the repository of an ebuild; total. */
  repositoryOf(ebuild: SweptEbuild): string;
  readonly readNeeds: ReadNeeds;
  /** @throws UserError if there is no root */
  openDurations(): Promise<LastDuration>;
  print(text: string): void;
  complain(sentence: string): void;
  readonly line: SweepProgressLine;
}

/** Between two writings of the page, in milliseconds. */
const PAGE_PAUSE = 30_000;
/** The page takes at most this share of the time. */
const PAGE_SHARE = 0.01;

/**
 * Runs the trials of many ebuilds and reports them in a folder; see {@link runSweep}.
 *
 * @param signal cancels the trials; its reason is thrown, and the sweep can go on later
 * @returns the exit code: the highest of those of the ebuilds, also of the part that ran before
 * @throws UserError if no ebuild can be tried, or not any more
 */
export async function runSweepCommand(
  options: SweepCommandOptions,
  world: SweepCommandWorld,
  signal?: AbortSignal,
): Promise<number> {
  await world.check();
  const ebuilds = selectEbuilds(await world.find(), options);
  if (ebuilds.length === 0)
    throw new UserError(
      'There is no ebuild to try: name a repository, a category or an ebuild, or add --live for live ebuilds.',
    );
  signal?.throwIfAborted();
  const since = options.since === undefined ? undefined : await readSince(options.since, signal);
  const { quick, tests, matrix, flags, fresh, resume, output } = options;
  const extent = {
    quick,
    tests,
    ...(matrix !== undefined && { matrix }),
    ...(flags !== undefined && { flags }),
  };
  const folder = await openSweepFolder(output, { resume, fresh }, extent, world.date(), signal);
  try {
    if (folder.damaged > 0)
      world.complain(`${folder.damaged} of the lines of ${journalOf(output)} are damaged and left out.`);
    const tally = createTally(since?.known);
    for (const line of folder.kept) tally.add(line);
    const done = new Set(folder.kept.map(keyOfLine));
    const left = ebuilds.filter((ebuild) => !done.has(keyOf(ebuild, world)));
    const durations = new Map([...(since?.durations ?? []), ...folder.durations]);
    const trials = await planTrials(left, durations, world, signal);
    await runAndReport(trials, { ...folder, tally }, options, world, signal);
    const summary = tally.read();
    for (const line of describeSummary(summary, folder.page)) world.print(line);
    return statusOf(summary);
  } finally {
    folder.close();
  }
}

const keyOf = (ebuild: SweptEbuild, world: Pick<SweepCommandWorld, 'repositoryOf'>) =>
  keyOfLine({ file: ebuild.file, repository: world.repositoryOf(ebuild) });

/** Reads an earlier sweep: its findings, and how long its trials took. @param path a folder or a journal */
async function readSince(path: string, signal: AbortSignal | undefined) {
  const known = createKnownFindings();
  const durations = new Map<string, number>();
  const note = (line: SweepLine): void => {
    known.note(line);
    if (!isUntried(line)) durations.set(keyOfLine(line), line.duration);
  };
  const journal = path.endsWith('.jsonl') ? path : journalOf(path);
  const read = await readJournal(journal, note, signal);
  if (read?.header === undefined)
    throw new UserError(`${journal} is not the journal of a sweep: name the folder of one with --since.`);
  return { known, durations };
}

/** Plans the trials of the ebuilds; see {@link planSweep}. @throws the signal's reason */
async function planTrials(
  ebuilds: readonly SweptEbuild[],
  durations: ReadonlyMap<string, number>,
  world: Pick<SweepCommandWorld, 'readNeeds' | 'repositoryOf' | 'openDurations'>,
  signal: AbortSignal | undefined,
): Promise<readonly SweepTrial[]> {
  const lastDuration = await world.openDurations();
  function* readInputs(): Generator<void, readonly PlanInput[]> {
    const inputs: PlanInput[] = [];
    for (const ebuild of ebuilds) {
      const duration = lastDuration(ebuild.path) ?? durations.get(keyOf(ebuild, world));
      inputs.push({ package: ebuild.package, needs: world.readNeeds(ebuild), duration });
      yield;
    }
    return inputs;
  }
  const inputs = await runInSlices(readInputs(), () => signal?.aborted === true);
  signal?.throwIfAborted();
  return planSweep(inputs ?? []).flatMap(({ at, expected }) => {
    const ebuild = ebuilds[at];
    return ebuild === undefined ? [] : [{ ebuild, expected }];
  });
}

async function runAndReport(
  trials: readonly SweepTrial[],
  { page, journal, tally }: Pick<SweepFolder, 'page' | 'journal'> & { readonly tally: Tally },
  options: SweepCommandOptions,
  world: SweepCommandWorld,
  signal: AbortSignal | undefined,
): Promise<void> {
  const total = tally.read().ebuilds + trials.length;
  let written = world.now();
  let cost = 0;
  const report = (isFinished: boolean): void => {
    const start = world.now();
    writePage(page, formatSweepPage({ summary: tally.read(), total, isFinished }, world.date()));
    written = world.now();
    cost = written - start;
  };
  report(false);
  try {
    await runSweep(
      trials,
      options,
      {
        ...world,
        watch: world.line.show,
        write(ended) {
          journal.write(ended);
          tally.add(ended);
          if (world.now() - written >= Math.max(PAGE_PAUSE, cost / PAGE_SHARE)) report(false);
        },
      },
      signal,
    );
    journal.write({ ended: new Date(world.date()).toISOString() });
    report(true);
  } catch (error) {
    try {
      report(false);
    } catch {
      // The first error says more.
    }
    signal?.throwIfAborted();
    throw isForUser(error) ? withRemedy(error) : error;
  } finally {
    world.line.clear();
  }
}

/** The reason why a sweep was stopped, which says how it goes on. */
function withRemedy(error: UserError): UserError {
  if (error.message.includes('--resume')) return error;
  return new UserError(
    `${error.message.replace(/\.$/, '')}; then go on with the same command and --resume.`,
    { cause: error, reach: 'all' },
  );
}

function describeSummary(
  { ebuilds, clean, faulty, unjudged, untried, added }: SweepSummary,
  page: string,
): readonly string[] {
  const counts = `${clean} clean, ${faulty} with errors or warnings, ${unjudged} not judged, ${untried} not tried`;
  return [
    `${ebuilds === 1 ? '1 ebuild' : `${ebuilds} ebuilds`}: ${counts}.`,
    ...(added === undefined ? [] : [`New findings since the last sweep: ${added.count}.`]),
    `Report: ${resolve(page)}`,
  ];
}

function statusOf({ faulty, unjudged, untried }: SweepSummary): number {
  if (unjudged + untried > 0) return COULD_NOT_RUN;
  return faulty > 0 ? FINDINGS : CLEAN;
}
