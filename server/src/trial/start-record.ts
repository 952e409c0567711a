import type { DependencyVariable, TrialRecord } from '../audit/record.ts';
import { traceAtoms } from '../ebuild/atom-origin.ts';
import type { EbuildFacts } from '../ebuild/facts.ts';
import { packageVariables } from '../ebuild/package-variables.ts';
import type { EvaluatedMetadata } from '../package-manager/port.ts';
import { printAtom } from '../pms/atom.ts';
import type { DependencyNode } from '../pms/dependency.ts';
import { isSatisfied, unsatisfiedAtoms } from '../pms/match.ts';
import type { EbuildLocation } from '../repository/ebuild-location.ts';
import { guardDisk } from './disk-room.ts';
import { nameLog } from './log-folder.ts';
import type { RootState } from './world/root-state.ts';
import type { TrialWorld } from './world/world.ts';

const VARIABLES = ['DEPEND', 'BDEPEND', 'RDEPEND'] as const;

/**
 * What is known of a trial before anything is built: what is declared, where it comes from, and what of it is not installed.
 *
 * @param active the nodes of a specification that hold for the USE state of the trial
 */
export function startRecord(
  world: TrialWorld,
  root: RootState,
  location: EbuildLocation,
  facts: EbuildFacts,
  metadata: EvaluatedMetadata,
  active: (text: string) => DependencyNode[],
): TrialRecord {
  const evaluated = { DEPEND: metadata.depend, BDEPEND: metadata.bdepend, RDEPEND: metadata.rdepend };
  const all = { ...evaluated, PDEPEND: metadata.pdepend, IDEPEND: metadata.idepend };
  const predefined = packageVariables(location.category, location.packageAndVersion);
  // Which eclass brings an atom is of no interest here, so none is read.
  const traced = traceAtoms(all, facts, predefined, metadata.inherited, () => undefined);
  const inherited = (variable: DependencyVariable) =>
    traced
      .filter((one) => one.variable === variable && one.origin.kind !== 'text')
      .map(({ atom }) => printAtom(atom));
  const lookup = (category: string, name: string) => root.lookup.get(`${category}/${name}`) ?? [];
  const notInstalled = VARIABLES.flatMap((variable) => {
    const nodes = active(evaluated[variable]);
    if (isSatisfied(nodes, lookup, metadata.eapi)) return [];
    return unsatisfiedAtoms(nodes, lookup).map((node) => ({ variable, atom: node.text }));
  });
  return {
    format: 1,
    category: location.category,
    packageAndVersion: location.packageAndVersion,
    packageManager: `${world.packageManager.name} ${world.packageManager.version}`,
    text: facts.text,
    evaluated,
    inherited: {
      DEPEND: inherited('DEPEND'),
      BDEPEND: inherited('BDEPEND'),
      RDEPEND: inherited('RDEPEND'),
    },
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
    gaps: metadata.approximations,
    log: guardDisk(() => nameLog(world.home, location)),
  };
}
