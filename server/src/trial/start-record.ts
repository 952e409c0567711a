import type { TrialRecord } from '../audit/record.ts';
import { traceAtoms } from '../ebuild/atom-origin.ts';
import type { EbuildFacts } from '../ebuild/ebuild-facts.ts';
import { packageVariables } from '../ebuild/package-variables.ts';
import { guardDisk } from '../host/disk-room.ts';
import { nameLog } from '../host/log-folder.ts';
import type { RootState } from '../host/root-state.ts';
import type { TrialWorld } from '../host/world.ts';
import type { EvaluatedMetadata } from '../package-manager/port.ts';
import { printAtom } from '../pms/atom.ts';
import { type DependencyVariable, recordByVariable, TRIAL_VARIABLES } from '../pms/dependency-variable.ts';
import { isSatisfied, unsatisfiedAtoms } from '../pms/match.ts';
import type { EbuildLocation } from '../repository/ebuild-location.ts';
import { activeNodes } from './builder/builds.ts';

/**
 * What is known of a trial before anything is built: what is declared, where it comes from, and what of it is not installed.
 */
export function startRecord(
  world: TrialWorld,
  root: RootState,
  location: EbuildLocation,
  facts: EbuildFacts,
  metadata: EvaluatedMetadata,
): TrialRecord {
  const predefined = packageVariables(location.category, location.packageAndVersion);
  // Which eclass brings an atom is of no interest here, so none is read.
  const traced = traceAtoms(metadata.dependencies, facts, predefined, metadata.inherited, () => undefined);
  const inherited = (variable: DependencyVariable) =>
    traced
      .filter((one) => one.variable === variable && one.origin.kind !== 'text')
      .map(({ atom }) => printAtom(atom));
  const lookup = (category: string, name: string) => root.lookup.get(`${category}/${name}`) ?? [];
  const notInstalled = TRIAL_VARIABLES.flatMap((variable) => {
    const nodes = activeNodes(metadata, [variable]);
    if (isSatisfied(nodes, lookup, metadata.eapi)) return [];
    return unsatisfiedAtoms(nodes, lookup).map((node) => ({ variable, atom: node.text }));
  });
  return {
    format: 1,
    category: location.category,
    packageAndVersion: location.packageAndVersion,
    packageManager: `${world.packageManager.name} ${world.packageManager.version}`,
    text: facts.text,
    evaluated: metadata.dependencies,
    inherited: recordByVariable(inherited),
    use: metadata.use,
    iuse: metadata.iuse,
    outcome: 'running',
    needs: [],
    probes: [],
    uses: [],
    removals: [],
    incidents: [],
    variants: [],
    notInstalled,
    gaps: [...metadata.approximations, ...summarize(root.problems)],
    log: guardDisk(() => nameLog(world.home, location)),
  };
}

/** Whether something is not installed without which no build says anything about the ebuild. */
export function lacksBuildDependency({ notInstalled }: TrialRecord): boolean {
  return notInstalled.some(({ variable }) => variable !== 'RDEPEND');
}

/** A report is read by people. */
const MOST_PROBLEMS = 5;

/** What is damaged in the root's records of packages: nobody knows whose the files of such a package are. */
function summarize(problems: readonly string[]): readonly string[] {
  const more = problems.length - MOST_PROBLEMS;
  return more > 0
    ? [...problems.slice(0, MOST_PROBLEMS), `${more} more records of packages are damaged`]
    : problems;
}
