import type { TrialRecord } from '../audit/record.ts';
import type { EbuildFacts } from '../ebuild/ebuild-facts.ts';
import type { EvaluatedMetadata } from '../package-manager/port.ts';
import type { BuildOutcome } from './builder/build-plan.ts';
import type { Tests } from './builder/tests.ts';
import type { TreeReader } from './reading/tree-reader.ts';

/** What is known of an ebuild that was built. */
interface Built {
  readonly facts: EbuildFacts;
  readonly metadata: EvaluatedMetadata;
  readonly reader: Pick<TreeReader, 'findTests'>;
  /** Whether the user has asked for the tests. */
  readonly wantsTests: boolean;
}

/** Whether a build that passed has left out tests which the ebuild, its eclass or its sources have; see `TrialRecord.untested`. */
export async function findUntested(
  { facts, metadata, reader, wantsTests }: Built,
  tests: Tests,
  { passed, layers }: Pick<BuildOutcome, 'passed' | 'layers'>,
): Promise<Pick<TrialRecord, 'untested'>> {
  if (!passed || tests === 'run') return {};
  if (tests === 'none') return wantsTests ? { untested: 'restricted' } : {};
  const isDeclared =
    metadata.iuse.includes('test') || facts.functions.some(({ name }) => name === 'src_test');
  const isDefault = !metadata.definedPhases.includes('test');
  return isDeclared || (await reader.findTests(layers, isDefault)) ? { untested: 'left-out' } : {};
}
