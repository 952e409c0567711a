import type { Connection } from 'vscode-languageserver';
import type { TextDocument } from 'vscode-languageserver-textdocument';
import { conclude } from '../audit/conclusion.ts';
import type { TrialRecord } from '../audit/record.ts';
import { countAccesses, orderAccesses } from '../audit/seen/access-tree.ts';
import { type DependencyList, listDependencies, type SeenDependency } from '../audit/seen/dependency-list.ts';
import { readTrial } from '../audit/trial-subject.ts';
import { showLine, showName } from '../errors/visible-text.ts';
import { formatComparisonPage, type NamedTrial } from '../page/comparison-page.ts';
import { formatTrialPage } from '../page/trial-page.ts';
import { packageId } from '../pms/package-id.ts';
import {
  COMPARE_TRIALS,
  type CompareTrialsParams,
  FIND_EVIDENCE,
  type FindEvidenceParams,
  type FindEvidenceResult,
  KEPT_TRIALS,
  type KeptTrialsParams,
  type KeptTrialsResult,
  type PageResult,
  TRIAL_ACCESSES,
  TRIAL_PAGE,
  TRIAL_USES,
  type TrialAccessesParams,
  type TrialAccessesResult,
  type TrialDependency,
  type TrialPageParams,
  type TrialUsesParams,
  type TrialUsesResult,
} from '../protocol.ts';
import { compareTrials } from '../review/compare-trials.ts';
import { EVIDENCE_KEPT } from '../trace/evidence.ts';
import type { StoredTrials } from '../trial/records/stored-trials.ts';
import type { Client } from './client.ts';
import { findEvidence } from './evidence-target.ts';
import { toFileName } from './from-protocol.ts';
import { describeKept, listKept, nameTrial } from './kept-trials.ts';
import type { Derivation, OpenEbuild } from './open-ebuild.ts';
import { readSettings, type Settings } from './settings.ts';
import { toRange } from './to-protocol.ts';

/** The requests about what trials have seen. None runs anything, and none rejects. */
export interface TrialViews {
  uses(params: TrialUsesParams): TrialUsesResult;
  accesses(params: TrialAccessesParams): TrialAccessesResult;
  evidence(params: FindEvidenceParams): Promise<FindEvidenceResult>;
  page(params: TrialPageParams): PageResult;
  kept(params: KeptTrialsParams): Promise<KeptTrialsResult>;
  compare(params: CompareTrialsParams): Promise<PageResult>;
}

/** What the answers are made of. */
export interface TrialViewsInput {
  readonly client: Client;
  known(uri: string): OpenEbuild | undefined;
  readonly derive: Pick<Derivation, 'openText' | 'judge'>;
  openStored(settings: Settings): Promise<StoredTrials>;
  /** Milliseconds since the epoch. */
  now(): number;
}

/** Registers the handlers of these requests. @param views undefined before the server is initialized */
export function listenTrialViews(connection: Connection, views: () => TrialViews | undefined): void {
  connection.onRequest(TRIAL_USES, (params: TrialUsesParams) => views()?.uses(params) ?? null);
  connection.onRequest(TRIAL_ACCESSES, (params: TrialAccessesParams) => views()?.accesses(params) ?? null);
  connection.onRequest(FIND_EVIDENCE, (params: FindEvidenceParams) => views()?.evidence(params) ?? null);
  connection.onRequest(TRIAL_PAGE, (params: TrialPageParams) => views()?.page(params) ?? null);
  connection.onRequest(KEPT_TRIALS, (params: KeptTrialsParams) => views()?.kept(params) ?? null);
  connection.onRequest(COMPARE_TRIALS, (params: CompareTrialsParams) => views()?.compare(params) ?? null);
}

const NO_TRIAL = 'No trial has been run yet.';

export function createTrialViews(input: TrialViewsInput): TrialViews {
  const { client, known, now } = input;
  const openStored = async (uri: string) => input.openStored(readSettings(await client.settings(uri)));
  return {
    uses({ uri }) {
      const ebuild = known(uri);
      const record = ebuild?.trial.record;
      if (ebuild === undefined || record === undefined) return describeAbsence(ebuild);
      return describeUses(ebuild, record, now());
    },
    accesses({ uri, dependency }) {
      const ebuild = known(uri);
      const record = ebuild?.trial.record;
      if (ebuild === undefined || record === undefined) return { owners: [] };
      const found = listOf(ebuild, record).dependencies.find(({ id }) => id === dependency);
      return { owners: found === undefined ? [] : orderAccesses(found) };
    },
    async evidence({ uri, path }) {
      const root = await openStored(uri).then(
        ({ rootPath }) => rootPath,
        () => undefined,
      );
      const { record, places } = known(uri)?.trial ?? {};
      return findEvidence(path, { root, log: record?.log ?? '', place: places?.get(path) });
    },
    page({ uri }) {
      const ebuild = known(uri);
      const verdict = ebuild?.verdict();
      const { record, change } = ebuild?.trial ?? {};
      if (ebuild === undefined || record === undefined || verdict === undefined) return { problem: NO_TRIAL };
      const { text } = ebuild.facts();
      return { html: formatTrialPage({ path: toFileName(uri), text, record, verdict, change }, now()) };
    },
    async kept({ uri }) {
      const { trials, problem } = await listKept(uri, known(uri), openStored);
      return {
        trials: trials.map(({ id, record }) => ({
          id,
          name: nameTrial(record, now()),
          description: describeKept(record, known(uri)?.document?.getText()),
        })),
        ...(problem !== undefined && { problem }),
      };
    },
    async compare({ uri, before, after }) {
      const { trials } = await listKept(uri, known(uri), openStored);
      const judged = [before, after].flatMap((wanted) => {
        const found = trials.find(({ id }) => id === wanted);
        return found === undefined ? [] : [judgeOwnText(input, uri, found.record)];
      });
      const [old, late] = judged;
      if (old === undefined || late === undefined)
        return { problem: 'One of the trials is no longer kept: choose again.' };
      const compared = {
        file: toFileName(uri),
        before: old,
        after: late,
        comparison: compareTrials(old, late),
      };
      return { html: formatComparisonPage(compared, now()) };
    },
  };
}

function describeAbsence(ebuild: OpenEbuild | undefined): TrialUsesResult {
  const isRunning = (ebuild?.trials.count ?? 0) > 0;
  const problem = ebuild?.trials.problem?.message;
  const message = isRunning ? ebuild?.trials.activity : problem;
  return {
    state: isRunning ? 'running' : problem === undefined ? 'none' : 'problem',
    message: showLine(message ?? NO_TRIAL),
    dependencies: [],
    limits: [],
  };
}

function describeUses(ebuild: OpenEbuild, record: TrialRecord, now: number): TrialUsesResult {
  const { document, trial, trials } = ebuild;
  const verdict = ebuild.verdict();
  const list = listOf(ebuild, record);
  const message =
    verdict === undefined || trials.count > 0
      ? trials.activity
      : (trials.problem?.message ?? conclude(record, verdict, { now, change: trial.change }).message);
  return {
    state: 'shown',
    message: showLine(message),
    dependencies: list.dependencies.map((dependency) => toDependency(dependency, document)),
    limits: describeLimits(list, record),
  };
}

function listOf(ebuild: OpenEbuild, record: TrialRecord): DependencyList {
  return listDependencies(readTrial(record, ebuild.facts()), ebuild.findings());
}

function toDependency(dependency: SeenDependency, document: TextDocument | undefined): TrialDependency {
  const { id, group, atom, state, variables, range, findings, packages } = dependency;
  return {
    id,
    group,
    atom: showName(atom),
    state,
    variables,
    owners: packages.map((seen) => showName(packageId(seen.package))),
    accesses: countAccesses(dependency),
    ...(range !== undefined && document !== undefined && { range: toRange(document, range) }),
    findings: findings.map(({ code, severity, message }) => ({ code, severity, message: showLine(message) })),
  };
}

/** What the list does not have, in sentences. */
function describeLimits({ dependencies, inactive }: DependencyList, record: TrialRecord): string[] {
  const isCut = dependencies.some(({ packages }) =>
    packages.some(({ accesses }) => accesses.length >= EVIDENCE_KEPT),
  );
  const states = record.variants.length;
  return [
    ...(isCut
      ? [
          `There may be more accesses: a record keeps up to ${EVIDENCE_KEPT} files of a package for each way in which it is used.`,
        ]
      : []),
    ...(states > 0 ? [`The accesses of ${states + 1} USE states are shown together.`] : []),
    ...(inactive > 0
      ? [`${inactive === 1 ? '1 atom is' : `${inactive} atoms are`} left out: USE flags switched them off.`]
      : []),
    ...record.gaps.map((gap) => showLine(`Not observed: ${gap}.`)),
  ];
}

/** Judges a record against the text that it built. */
function judgeOwnText({ derive, now }: TrialViewsInput, uri: string, record: TrialRecord): NamedTrial {
  const live = derive.openText();
  try {
    const verdict = derive.judge(record, live.read(record.text), uri);
    return { name: `${nameTrial(record, now())}, ${describeKept(record, undefined)}`, record, verdict };
  } finally {
    live.close();
  }
}
