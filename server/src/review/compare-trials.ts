/** What differs between two trials of one ebuild. */
import type { Finding, Verdict } from '../audit/finding.ts';
import type { TrialRecord } from '../audit/record.ts';
import { listSeenPackages, type SeenPackage } from '../audit/seen/seen-packages.ts';
import { packageId } from '../pms/package-id.ts';
import { nameOf } from '../pms/package-name.ts';
import { phaseFunction } from '../trace/phase-function.ts';
import { compareFindings, type FindingChanges } from './compare-findings.ts';
import { compareInstalled, type ImageChanges } from './image-changes.ts';

/** A trial with its verdict for the text that it built. */
export interface JudgedTrial {
  readonly record: TrialRecord;
  readonly verdict: Verdict;
}

/** A thing of both trials that is another one; undefined where a trial does not have it. */
export interface Difference {
  readonly name: string;
  readonly before: string | undefined;
  readonly after: string | undefined;
}

export interface TrialComparison {
  readonly findings: FindingChanges;
  /** Packages that only one trial saw, or that they saw in another version or another way. */
  readonly packages: readonly Difference[];
  /** `unknown` if one of the records has no list of installed files; undefined if nothing differs. */
  readonly image: ImageChanges | 'unknown' | undefined;
  /** How the ebuild was built and how the build ended. */
  readonly build: readonly Difference[];
  readonly isSameText: boolean;
}

/** Compares two trials. */
export function compareTrials(before: JudgedTrial, after: JudgedTrial): TrialComparison {
  const [old, now] = [before.record, after.record];
  const isKnown = old.installed !== undefined && now.installed !== undefined;
  return {
    findings: compareFindings(listAll(before), listAll(after)),
    packages: compareMaps(describePackages(old), describePackages(now)),
    image: isKnown ? compareInstalled(old, now) : 'unknown',
    build: compareMaps(describeBuild(old), describeBuild(now)),
    isSameText: old.text === now.text,
  };
}

/** Findings count here whether or not the text silences them: a comment is no change of what was built. */
function listAll({ verdict: { findings, silenced = [] } }: JudgedTrial): readonly Finding[] {
  return [...findings, ...silenced.map(({ finding }) => finding)];
}

function compareMaps(
  before: ReadonlyMap<string, string>,
  after: ReadonlyMap<string, string>,
): readonly Difference[] {
  const names = [...new Set([...before.keys(), ...after.keys()])];
  return names
    .map((name) => ({ name, before: before.get(name), after: after.get(name) }))
    .filter((pair) => pair.before !== pair.after);
}

/** Each package that was seen, sorted by name, with its version and how it was seen. */
function describePackages(record: TrialRecord): Map<string, string> {
  const seen = listSeenPackages([record, ...record.variants]);
  const named = seen.map((found): [string, string] => {
    const { slot } = found.package;
    return [slot === '0' ? nameOf(found.package) : `${nameOf(found.package)}:${slot}`, describeSeen(found)];
  });
  return new Map(named.sort(([left], [right]) => (left < right ? -1 : 1)));
}

function describeSeen({ package: { version }, state, licence, accesses }: SeenPackage): string {
  const kinds = [...new Set(accesses.flatMap(({ kind }) => kind ?? []))].sort();
  const how = state === 'used' ? (licence ?? 'used') : state.replace('-', ' ');
  return [version, how, ...kinds.map((kind) => kind.replaceAll('-', ' '))].join(', ');
}

/** What is recorded of the build. A record has neither times nor a list of its steps. */
function describeBuild(record: TrialRecord): Map<string, string> {
  const { packageManager, use, iuse, outcome, failure, untested, environment = {}, image } = record;
  const flags = iuse.map((flag) => (use.includes(flag) ? flag : `-${flag}`)).join(' ');
  const accesses = listSeenPackages([record]).flatMap((seen) => seen.accesses);
  const phases = [...new Set(accesses.map(({ access }) => phaseFunction(access.phase)))].sort();
  const rows: readonly (readonly [string, string | undefined])[] = [
    ['Outcome', failure === undefined ? outcome : `${outcome} in ${failure.phase}: ${failure.firstError}`],
    ['Package manager', packageManager],
    ['USE', flags === '' ? undefined : flags],
    ['Other USE states', record.variants.length === 0 ? undefined : `${record.variants.length}`],
    ['src_test', untested === undefined ? 'run, or the sources have no tests' : `not run: ${untested}`],
    ['Phases with accesses', phases.length === 0 ? undefined : phases.join(', ')],
    ...record.removals.map(
      ({ variable, atom, outcome: end }) => [`Build without ${atom} in ${variable}`, end] as const,
    ),
    ...record.probes.map(
      ({ package: probed, effect }) => [`Build with ${packageId(probed)}`, effect] as const,
    ),
    ...Object.entries(environment).map(([name, value]) => [`Setting ${name}`, value] as const),
    ['Not observed', record.gaps.length === 0 ? undefined : record.gaps.join('; ')],
    ['Digest of the image', image],
  ];
  return new Map(rows.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
}
