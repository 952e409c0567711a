import type { Finding, SilencedFinding } from '../../audit/finding.ts';
import type { ExportedView, Probe, RecordedLayer, TrialRecord } from '../../audit/record.ts';
import { escapeJson } from '../../errors/visible-text.ts';
import { placeAt } from '../../page/line-index.ts';
import { packageId } from '../../pms/package-id.ts';
import type { AuditedSide } from '../../review/audit-side.ts';
import type { Review } from '../../review/review.ts';
import type { RuntimePackage } from '../../trial/runtime/runtime-request.ts';
import { describeMetadata } from './metadata-json.ts';
import type { CheckedFile, CommandRun, Report, ReportSetting, TrialReport, TrialResult } from './report.ts';

/** The report for programs: one document, printed when everything is known. */
export function createJsonReport({ print, probes }: ReportSetting): Report {
  const trials: TrialJson[] = [];
  const files: CheckedFile[] = [];
  return {
    openTrial(file) {
      const trial = createTrialJson(file, probes);
      trials.push(trial);
      return trial;
    },
    trialsEnded() {
      const [only] = trials;
      // One file gives its report; several files give a list with a report or a problem for each.
      if (trials.length > 1) print(formatJson(trials.map((trial) => trial.result() ?? trial.failure())));
      else if (only?.result() !== undefined) print(formatJson(only.result()));
    },
    reviewed: (review) => print(formatJson(describeReview(review))),
    checked: (file) => void files.push(file),
    checkEnded: ({ incomplete }) => print(formatJson(describeCheck(files, incomplete))),
    ran: (result) => print(formatJson(describeRun(result))),
    reproduced: ({ file, outcome }) =>
      print(formatJson({ format: 1, file, ...outcome, image: outcome.image ?? null })),
    metadata: (result) => print(formatJson(describeMetadata(result))),
  };
}

interface TrialJson extends TrialReport {
  /** Undefined if there is a problem instead. */
  result(): JsonReport | undefined;
  failure(): unknown;
}

function createTrialJson(file: string, withProbes: boolean): TrialJson {
  const results: TrialResult[] = [];
  let problem: string | undefined;
  let binaryPackage: string | undefined;
  return {
    trial: (result) => void results.push(result),
    fixed: () => {},
    packed(path) {
      binaryPackage = path;
    },
    problem(sentence) {
      problem = sentence;
    },
    end: () => {},
    result() {
      const [first, second] = results;
      if (first === undefined || problem !== undefined) return undefined;
      const verification = second === undefined ? null : describeTrial(file, second, withProbes, null);
      const described = describeTrial(file, first, withProbes, verification);
      return binaryPackage === undefined ? described : { ...described, binaryPackage };
    },
    failure: () => ({ format: 1, file, problem }),
  };
}

/** One trial in JSON, described in docs/command-line.md; `format` is raised if a key changes its meaning. */
export interface JsonReport {
  readonly format: 1;
  readonly file: string;
  readonly package: string;
  readonly packageManager: string;
  readonly outcome: TrialRecord['outcome'];
  readonly failure: TrialRecord['failure'] | null;
  readonly findings: readonly unknown[];
  readonly silenced: readonly unknown[];
  /** Packages that the build looked for and does not need; null if they were not asked for. */
  readonly probes: readonly unknown[] | null;
  readonly gaps: readonly string[];
  /** The binary packages that lay on the root; absent: none. */
  readonly layers?: readonly RecordedLayer[];
  readonly log: string;
  /** The end of the trial, if its stored record answered, in ISO 8601; null if the trial has just been run. */
  readonly storedAt: string | null;
  /** What the first build saw, if a stored record answered and `ebuild-audit view --export` has written it since; else null. */
  readonly view: ExportedView | null;
  /** The names of the keys that signed the record of another builder that answered; null if none did. */
  readonly sharedBy: readonly string[] | null;
  /** Sentences about records of other builders that contradict each other or this trial. */
  readonly disputes: readonly string[];
  /** The second trial, if `--verify` asked for one and there was a fix to verify. */
  readonly verification: JsonReport | null;
  /** The path of the binary package of the last trial; absent if none was written. */
  readonly binaryPackage?: string;
}

/** Describes one trial. @param withProbes whether to list the probes */
export function describeTrial(
  file: string,
  { text, record, verdict }: TrialResult,
  withProbes: boolean,
  verification: JsonReport | null,
): JsonReport {
  return {
    format: 1,
    file,
    package: `${record.category}/${record.packageAndVersion}`,
    packageManager: record.packageManager,
    outcome: record.outcome,
    failure: record.failure ?? null,
    findings: verdict.findings.map((finding) => describeFinding(text, finding)),
    silenced: describeSilenced(text, verdict.silenced ?? []),
    probes: withProbes ? record.probes.map(describeProbe) : null,
    gaps: record.gaps,
    ...(record.layers !== undefined && { layers: record.layers }),
    log: record.log,
    storedAt: record.storedAt === undefined ? null : new Date(record.storedAt).toISOString(),
    view: record.view ?? null,
    sharedBy: record.sharedBy ?? null,
    disputes: record.disputes ?? [],
    verification,
  };
}

/** One finding, in the form that both commands report. */
function describeFinding(text: string, finding: Finding) {
  return {
    code: finding.code,
    severity: finding.severity,
    message: finding.message,
    range: { start: placeAt(text, finding.range.start), end: placeAt(text, finding.range.end) },
    evidence: finding.evidence,
    why: finding.why ?? null,
    fix: finding.fix ?? null,
    alternatives: finding.alternatives ?? [],
  };
}

/** The silenced findings, in the form that both commands report. */
function describeSilenced(text: string, silenced: readonly SilencedFinding[]) {
  return silenced.map(({ finding, reason, place }) => ({
    code: finding.code,
    message: finding.message,
    range: { start: placeAt(text, finding.range.start), end: placeAt(text, finding.range.end) },
    reason,
    place,
  }));
}

function describeProbe({ package: probed, atom, effect, evidence }: Probe) {
  return { package: packageId(probed), atom, effect, evidence };
}

/** The result of `check`, described in docs/command-line.md; `format` is raised if a key changes its meaning. */
function describeCheck(checked: readonly CheckedFile[], incomplete: readonly string[]) {
  return {
    format: 1,
    incomplete,
    files: checked.map(({ file, text, findings, silenced, isFixed }) => ({
      file,
      fixed: isFixed,
      findings: findings.map((finding) => describeFinding(text, finding)),
      silenced: describeSilenced(text, silenced),
    })),
  };
}

/** The result of `review`, described in docs/review.md; `format` is raised if a key changes its meaning. */
function describeReview({
  baseName,
  headName,
  ebuilds,
  eclasses,
  removed,
  states,
  fromRecords,
  elapsed,
  baseline,
}: Review) {
  return {
    format: 1,
    base: baseName,
    head: headName,
    ebuilds: ebuilds.map(({ path, from, package: name, cause, before, after, isJudged, ...changes }) => ({
      file: path,
      from: from ?? null,
      package: name,
      cause,
      judged: isJudged,
      base: before === undefined ? null : describeSide(before),
      head: describeSide(after),
      new: changes.added.map((finding) => describeFinding(after.text, finding)),
      fixed: changes.fixed.map((finding) => describeFinding(before?.text ?? '', finding)),
      unchanged: changes.unchanged.map((finding) => describeFinding(after.text, finding)),
      known: (changes.known ?? []).map((finding) => describeFinding(after.text, finding)),
      lookedFor: changes.lookedFor ?? null,
      image: changes.imageChanges ?? null,
      notTried: changes.notTried,
    })),
    eclasses,
    removed,
    states,
    fromRecords,
    elapsed,
    baseline: baseline ?? null,
  };
}

function describeSide({ trial }: AuditedSide) {
  if (trial.kind === 'refused') return { problem: trial.reason };
  const { outcome, failure, gaps, log, storedAt, sharedBy, disputes } = trial.record;
  return {
    outcome,
    failure: failure ?? null,
    gaps,
    log,
    storedAt: storedAt === undefined ? null : new Date(storedAt).toISOString(),
    sharedBy: sharedBy ?? null,
    disputes: disputes ?? [],
  };
}

/** The result of `runtime`, described in docs/runtime.md; `format` is raised if a key changes its meaning. */
function describeRun({ file, text, command, outcome, findings }: CommandRun) {
  const { record, status, doneWithout, loaded, output } = outcome;
  const describe = ({ package: loaded, atom, licence, evidence }: RuntimePackage) => ({
    package: packageId(loaded),
    atom,
    licence,
    evidence,
  });
  return {
    format: 1,
    file,
    package: `${record.category}/${record.packageAndVersion}`,
    command,
    status,
    outcome: record.outcome,
    findings: findings.map((finding) => describeFinding(text, finding)),
    doneWithout: doneWithout.map(describe),
    loaded: loaded.map(describe),
    gaps: record.gaps,
    output,
    log: record.log,
  };
}

/**
 * Prints JSON in which every character can be seen: a terminal or an editor may obey the others. A program that reads it gets each name as
 * it is.
 */
export function formatJson(report: unknown): string {
  return escapeJson(JSON.stringify(report, undefined, 2));
}
