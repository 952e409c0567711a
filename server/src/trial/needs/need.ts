import type { Need } from '../../audit/record.ts';
import type { RootState } from '../../host/root-state.ts';
import type { InstalledPackage } from '../../installed/vdb.ts';
import type { DependencyVariable } from '../../pms/dependency-variable.ts';
import { packageId } from '../../pms/package-id.ts';
import type { Denial, ObservedUse, UnlicensedRun } from '../../trace/attribution.ts';
import type { Evidence, RecordedPackage } from '../../trace/evidence.ts';
import { variableFor, variablesOf } from '../../trace/use-kind.ts';
import type { AtomWriter } from './atoms/atom-writer.ts';

/** The installed package that a record speaks of. */
export function findInstalledPackage(root: RootState, wanted: RecordedPackage): InstalledPackage {
  const found = root.lookup
    .get(`${wanted.category}/${wanted.name}`)
    ?.find((one) => one.version === wanted.version);
  if (found === undefined) throw new Error(`${packageId(wanted)} is not in the VDB that it was read from.`);
  return found;
}

/**
 * What a denied package comes to for the record: a need for each variable that it belongs in.
 *
 * @param use what was made of it in the build in which it was shown; undefined where there was none yet, or it was only looked at: then
 *   what it was denied as says where it belongs
 */
export function toNeeds(
  denial: Denial,
  certainty: Need['certainty'],
  use: ObservedUse | undefined,
  root: RootState,
  atoms: AtomWriter,
): Need[] {
  const used = variablesOf(use?.kinds.map(({ kind }) => kind) ?? []);
  const variables = used.length > 0 ? used : [denial.variable];
  const installed = findInstalledPackage(root, denial.package);
  const bounds = atoms.boundsOf(installed);
  return variables.map((variable) => ({
    variable,
    package: denial.package,
    atom: atoms.atomFor(installed, variable),
    certainty,
    evidence: variable === denial.variable ? denial.evidence : evidenceFor(variable, use),
    ...(variable === 'BDEPEND' && toEclasses(atoms.findEclasses(installed))),
    ...(bounds.length > 0 && { bounds }),
  }));
}

function evidenceFor(variable: DependencyVariable, use: ObservedUse | undefined): readonly Evidence[] {
  return use?.kinds.find(({ kind }) => variableFor(kind) === variable)?.evidence ?? [];
}

/** What running a program that only the package manager's sake makes visible comes to for the record. */
export function runToNeed(run: UnlicensedRun, root: RootState, atoms: AtomWriter): Need {
  const installed = findInstalledPackage(root, run.package);
  return {
    variable: 'BDEPEND',
    package: run.package,
    atom: atoms.atomFor(installed, 'BDEPEND'),
    certainty: 'proven',
    evidence: run.evidence,
    ...toEclasses(atoms.findEclasses(installed)),
  };
}

const toEclasses = (eclasses: readonly string[]) => (eclasses.length > 0 ? { eclasses } : {});

/** The use that was made of a package. */
export function useOf(uses: readonly ObservedUse[], wanted: RecordedPackage): ObservedUse | undefined {
  return uses.find((one) => packageId(one.package) === packageId(wanted));
}
