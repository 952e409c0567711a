import type { EbuildFacts } from '../ebuild/ebuild-facts.ts';
import type { Finding, FindingCode, Verdict } from './finding.ts';
import { findAutomagic } from './findings/trial/automagic.ts';
import { findFailingUseStates } from './findings/trial/failing-use-state.ts';
import { findIneffectiveFlags } from './findings/trial/ineffective-flag.ts';
import { findEvaluatedTwice } from './findings/trial/inherited-atom.ts';
import { findMisplaced } from './findings/trial/misplaced.ts';
import { findMisplacedLists } from './findings/trial/misplaced-list.ts';
import { findMissingBdepend } from './findings/trial/missing-bdepend.ts';
import { findMissingDepend } from './findings/trial/missing-depend.ts';
import { findMissingRdepend } from './findings/trial/missing-rdepend.ts';
import { findMissingSlotOperators } from './findings/trial/missing-slot-operator.ts';
import { findMissingUseConditionals } from './findings/trial/missing-use-conditional.ts';
import { findMissingUseDependencies } from './findings/trial/missing-use-dependency.ts';
import { findNetworkAccess } from './findings/trial/network-access.ts';
import { findNotInstalled } from './findings/trial/not-installed.ts';
import { findOptionalRdepends } from './findings/trial/optional-rdepend.ts';
import { findPlainTools } from './findings/trial/plain-tool.ts';
import { findPreferredVirtuals } from './findings/trial/prefer-virtual.ts';
import { findRefusedVersions } from './findings/trial/refused-version.ts';
import { findSuffixedPrograms } from './findings/trial/suffixed-program.ts';
import { findTransitive } from './findings/trial/transitive.ts';
import { findUnownedFiles } from './findings/trial/unowned-file.ts';
import { findUnresolvedNeeds } from './findings/trial/unresolved-need.ts';
import { findUnused } from './findings/trial/unused.ts';
import type { TrialRecord } from './record.ts';
import { readTrial, type TrialSubject } from './trial-subject.ts';

const CHECKS: readonly ((subject: TrialSubject) => Finding[])[] = [
  findNotInstalled,
  findMissingBdepend,
  findMissingDepend,
  findMissingRdepend,
  findMissingUseConditionals,
  findRefusedVersions,
  findFailingUseStates,
  findIneffectiveFlags,
  findAutomagic,
  findTransitive,
  findMisplaced,
  findMisplacedLists,
  findMissingSlotOperators,
  findMissingUseDependencies,
  findPreferredVirtuals,
  findUnused,
  findNetworkAccess,
  findPlainTools,
  findSuffixedPrograms,
  findUnownedFiles,
  findOptionalRdepends,
  findUnresolvedNeeds,
  findEvaluatedTwice,
];

/** Codes of the findings that can explain a failed build. */
const EXPLAINING: ReadonlySet<FindingCode> = new Set([
  'missing-bdepend',
  'missing-depend',
  'missing-rdepend',
  'missing-use-conditional',
  'network-access',
  'not-installed',
  'refused-version',
]);

/** Says so if the package that a finding would add needs this package to be built. */
function noteCycle(
  finding: Finding,
  { states, record: { category, packageAndVersion } }: TrialSubject,
): Finding {
  if (finding.fix === undefined || !ADDING.has(finding.code)) return finding;
  const inCycle = finding.about.find((name) => states.some(({ cycles }) => cycles?.includes(name)));
  if (inCycle === undefined) return finding;
  const note = `this closes a cycle, because ${inCycle} needs ${category}/${packageAndVersion} to be built`;
  const { addition } = finding;
  return {
    ...finding,
    message: finding.message.replace(/\.$/, ` (${note}).`),
    ...(addition === undefined ? {} : { addition: { ...addition, notes: `${addition.notes} (${note})` } }),
  };
}

/** Codes of the findings whose fix adds a package. */
const ADDING: ReadonlySet<FindingCode> = new Set([
  'automagic',
  'missing-bdepend',
  'missing-depend',
  'missing-rdepend',
  'transitive',
]);

/**
 * Judges the record of a trial against a text of its ebuild, which may be later than the text that was built. Total.
 * Takes milliseconds, so every edit is judged at once.
 *
 * @param record of a finished or a running trial; its variants are judged with it
 * @returns the findings in no order
 */
export function judge(record: TrialRecord, facts: EbuildFacts): Verdict {
  const subject = readTrial(record, facts);
  const findings = CHECKS.flatMap((check) => check(subject)).map((finding) => noteCycle(finding, subject));
  const unexplained = record.outcome === 'failed' && !findings.some(({ code }) => EXPLAINING.has(code));
  const verified = record.outcome !== 'running' && facts.text === record.text && !unexplained;
  return {
    findings,
    state: verified ? 'verified' : 'not-verified',
    isBuilt: record.text === facts.text,
  };
}
