import { join } from 'node:path';
import type { Finding, Verdict } from '../audit/finding.ts';
import type { Knowledge } from '../audit/knowledge.ts';
import { mergeFindings } from '../audit/merge-findings.ts';
import type { TrialRecord } from '../audit/record.ts';
import type { IgnoreRule } from '../audit/silencing/ignore-rule.ts';
import type { EbuildFacts } from '../ebuild/ebuild-facts.ts';
import { isForUser } from '../errors/user-error.ts';
import { lacksBuildDependency } from '../trial/start-record.ts';
import type { RequestedStates, TrialProgress, TrialRequest, TrialRunner } from '../trial/trial.ts';

/** One ebuild at the base or at the head, audited. */
export interface AuditedSide {
  /** Absolute; it may be gone when the review has ended. */
  readonly file: string;
  readonly text: string;
  /** The findings of the text alone. */
  readonly written: readonly Finding[];
  /** All findings; those of the text alone if there was no trial. */
  readonly findings: readonly Finding[];
  readonly trial: SideTrial;
}

export type SideTrial =
  | {
      readonly kind: 'done';
      readonly record: TrialRecord;
      readonly verdict: Verdict;
      readonly time: TrialSpan;
    }
  /** One sentence: why there is no trial. */
  | { readonly kind: 'refused'; readonly reason: string };

/** When a trial ran, or its record was read. All in milliseconds of {@link AuditWorld.now}. */
export interface TrialSpan {
  readonly began: number;
  readonly ended: number;
  /** Its phases, as `TrialProgress` names them, in the order in which they began. */
  readonly phases: readonly { readonly name: string; readonly began: number }[];
}

/** The options of the trials; see `TrialRequest`. */
export interface AuditOptions {
  readonly fresh: boolean;
  readonly quick: boolean;
  readonly tests: boolean;
  readonly states: RequestedStates;
}

export interface AuditWorld {
  readonly runner: TrialRunner;
  /** Judges a record against a text of the ebuild at a path; total. */
  judge(record: TrialRecord, text: string, path: string): Verdict;
  /** The findings that the text of a file gives without a trial; total. */
  check(file: string, text: string): readonly Finding[];
  /** Resolves when everything that these depend on is known. */
  ready(file: string): Promise<void>;
  readFile(path: string): Promise<string>;
  /** Total. */
  readFacts(text: string): EbuildFacts;
  /** The packages that the repository of a file knows; undefined if it is in none. */
  knowledgeFor(file: string): Knowledge | undefined;
  /** The ignore rules of its repository that apply to an ebuild. */
  rulesOf(file: string): readonly IgnoreRule[];
  /** Milliseconds of a clock that never goes back. */
  now(): number;
  /** Shows the progress of a trial. */
  watch(title: string): { show(progress: TrialProgress): void; end(): void };
}

/** The place of one side on disk. */
export interface SidePlace {
  /** The top folder of the state. */
  readonly top: string;
  /** The path of the ebuild below it. */
  readonly path: string;
  /** The name that the progress of the trial is shown under. */
  readonly title: string;
  /** The file that a trial is asked for, if it is another one with the same surroundings. */
  readonly tried?: string;
  /** A trial in the same surroundings; it counts if its text is the same. */
  readonly known?: Pick<AuditedSide, 'text' | 'trial'>;
  /** One sentence: why nothing is built. */
  readonly unbuilt?: string;
}

/**
 * Checks an ebuild and builds it, or takes over the stored record.
 *
 * @throws the signal's reason, and errors that are not for the user
 */
export async function auditSide(
  place: SidePlace,
  options: AuditOptions,
  world: AuditWorld,
  signal: AbortSignal | undefined,
): Promise<AuditedSide> {
  const file = join(place.top, place.path);
  const text = await readOr(file, world);
  if (typeof text !== 'string') return { file, text: '', written: [], findings: [], trial: text };
  await world.ready(file);
  signal?.throwIfAborted();
  const written = world.check(file, text);
  const { fresh, quick, tests, states } = options;
  const request: TrialRequest = {
    file: place.tried ?? file,
    text,
    fresh,
    quick,
    ...(tests && { tests }),
    ...states,
  };
  const { known, unbuilt } = place;
  const given: SideTrial | undefined =
    unbuilt === undefined
      ? known?.text === text
        ? known.trial
        : undefined
      : { kind: 'refused', reason: unbuilt };
  const trial = given ?? (await runTrial(request, place.title, world, signal));
  if (trial.kind === 'refused') return { file, text, written, findings: written, trial };
  // The rules of its own state apply, wherever the text was built.
  const verdict = world.judge(trial.record, text, file);
  return {
    file,
    text,
    written,
    findings: mergeFindings(written, verdict.findings),
    trial: { ...trial, verdict },
  };
}

async function readOr(file: string, world: AuditWorld): Promise<string | SideTrial> {
  try {
    return await world.readFile(file);
  } catch (error) {
    if (isForUser(error)) return { kind: 'refused', reason: error.message };
    throw error;
  }
}

async function runTrial(
  request: TrialRequest,
  title: string,
  world: AuditWorld,
  signal: AbortSignal | undefined,
): Promise<SideTrial> {
  const line = world.watch(title);
  const began = world.now();
  const phases: { name: string; began: number }[] = [];
  const progress = (state: TrialProgress): void => {
    line.show(state);
    if (phases.at(-1)?.name !== state.phase) phases.push({ name: state.phase, began: world.now() });
  };
  try {
    const record = await world.runner.run(request, { progress, record: () => {} }, signal);
    const time = { began, ended: world.now(), phases };
    return { kind: 'done', record, verdict: world.judge(record, request.text, request.file), time };
  } catch (error) {
    signal?.throwIfAborted();
    if (!isForUser(error)) throw error;
    return { kind: 'refused', reason: error.message };
  } finally {
    line.end();
  }
}

/** Whether the trial says what the ebuild needs: something was built, and a failed build is explained by a finding. */
export function isJudged({ trial }: AuditedSide): boolean {
  return trial.kind === 'done' && trial.verdict.state === 'verified' && !lacksBuildDependency(trial.record);
}
