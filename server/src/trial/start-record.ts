import { availableParallelism } from 'node:os';
import { NOTHING_FOUND, type TrialRecord } from '../audit/record.ts';
import { withoutIgnoreComments } from '../audit/silencing/ignore-comment.ts';
import { traceAtoms } from '../ebuild/atom-origin.ts';
import type { EbuildFacts } from '../ebuild/ebuild-facts.ts';
import { packageVariables } from '../ebuild/package-variables.ts';
import { UserError } from '../errors/user-error.ts';
import { WORK_PLACE } from '../evaluation/work-folder.ts';
import { guardDisk } from '../host/disk-room.ts';
import { nameLog } from '../host/log-folder.ts';
import type { RootState } from '../host/root-state.ts';
import type { TrialWorld } from '../host/world.ts';
import { BUILD_ENVIRONMENT, PLAIN_ENVIRONMENT } from '../package-manager/plain-environment.ts';
import type { EvaluatedMetadata } from '../package-manager/port.ts';
import { printAtom } from '../pms/atom.ts';
import { type DependencyVariable, recordByVariable, TRIAL_VARIABLES } from '../pms/dependency-variable.ts';
import { isSatisfied, unsatisfiedAtoms } from '../pms/match.ts';
import type { EbuildLocation } from '../repository/ebuild-location.ts';
import { HOST_NAME } from '../sandbox/sandbox.ts';
import { activeNodes } from './builder/builds.ts';

/** Makes the record of a trial before anything is built: the declared atoms, their origins, and those that nothing installed satisfies. */
export function startRecord(
  world: TrialWorld,
  root: RootState,
  location: EbuildLocation,
  facts: EbuildFacts,
  metadata: EvaluatedMetadata,
): TrialRecord {
  const predefined = packageVariables(location.category, location.packageAndVersion);
  // A record does not name the eclass that adds an atom, so no eclass is read.
  const traced = traceAtoms(metadata.dependencies, facts, predefined, metadata.inherited, () => undefined);
  const inherited = (variable: DependencyVariable) =>
    traced
      .filter((found) => found.variable === variable && found.origin.kind !== 'text')
      .map(({ atom }) => printAtom(atom));
  return {
    format: 1,
    category: location.category,
    packageAndVersion: location.packageAndVersion,
    packageManager: `${world.packageManager.name} ${world.packageManager.version}`,
    text: facts.text,
    bareText: withoutIgnoreComments(facts),
    evaluated: metadata.dependencies,
    inherited: recordByVariable(inherited),
    use: metadata.use,
    iuse: metadata.iuse,
    outcome: 'running',
    ...NOTHING_FOUND,
    notInstalled: listNotInstalled(root, metadata),
    gaps: [...metadata.approximations, ...summarize(root.problems)],
    environment: describeEnvironment(world),
    log: guardDisk(() => nameLog(world.home, location)),
  };
}

/** The declared and active atoms that nothing installed satisfies. */
export function listNotInstalled(
  root: Pick<RootState, 'lookup'>,
  metadata: EvaluatedMetadata,
): TrialRecord['notInstalled'] {
  const lookup = (category: string, name: string) => root.lookup.get(`${category}/${name}`) ?? [];
  return TRIAL_VARIABLES.flatMap((variable) => {
    const nodes = activeNodes(metadata, [variable]);
    if (isSatisfied(nodes, lookup, metadata.eapi)) return [];
    return unsatisfiedAtoms(nodes, lookup).map((node) => ({ variable, atom: node.text }));
  });
}

/** The umask is that of the helper, see inner/stage.c. */
function describeEnvironment({ jobs }: Pick<TrialWorld, 'jobs'>): Readonly<Record<string, string>> {
  return {
    ...BUILD_ENVIRONMENT,
    LC_ALL: PLAIN_ENVIRONMENT.LC_ALL,
    umask: '022',
    'host name': HOST_NAME,
    'build folder': WORK_PLACE,
    jobs: String(jobs),
    processors: String(availableParallelism()),
  };
}

/** Whether an atom that builds need is not installed, so that a build would say nothing about the ebuild. */
export function lacksBuildDependency({ notInstalled }: TrialRecord): boolean {
  return notInstalled.some(({ variable }) => variable !== 'RDEPEND');
}

/** The error of a command that can do nothing without the build. */
export function lackingDependency({ notInstalled }: TrialRecord): UserError {
  const missing = notInstalled.filter(({ variable }) => variable !== 'RDEPEND');
  const [first] = missing;
  return new UserError(
    `No installed package satisfies ${missing.map(({ variable, atom }) => `${atom} of ${variable}`).join(', ')}, so the ebuild cannot be built: install ${missing.length === 1 ? `one with "emerge --oneshot '${first?.atom}'"` : 'them'} and try again.`,
  );
}

/** Damaged packages that a report names, few enough to read. */
const MOST_PROBLEMS = 5;

/** Names the damaged packages of the root's VDB: the owner of their files is unknown. */
function summarize(problems: readonly string[]): readonly string[] {
  const more = problems.length - MOST_PROBLEMS;
  return more > 0
    ? [...problems.slice(0, MOST_PROBLEMS), `${more} more records of packages are damaged`]
    : problems;
}
