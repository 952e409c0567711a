import { eclassFor, languageOf } from '../../audit/language.ts';
import type { Need } from '../../audit/record.ts';
import type { RootState } from '../../host/root-state.ts';
import type { InstalledPackage } from '../../installed/vdb.ts';
import type { RevealedPackage } from '../../installed/visible-set.ts';
import type { DependencyVariable } from '../../pms/dependency-variable.ts';
import { packageId } from '../../pms/package-id.ts';
import type { Denial } from '../../trace/denial.ts';
import type { Evidence, RecordedPackage } from '../../trace/evidence.ts';
import { variableFor, variablesOf } from '../../trace/use-kind.ts';
import type { ObservedUse, UnlicensedRun } from '../builder/steps/observations.ts';
import type { AtomWriter } from './atoms/atom-writer.ts';
import type { CallFinder } from './running-eclass.ts';

/** Finds the installed package that a record names. */
export function findInstalledPackage(
  { lookup }: Pick<RootState, 'lookup'>,
  wanted: RecordedPackage,
): InstalledPackage {
  const found = lookup
    .get(`${wanted.category}/${wanted.name}`)
    ?.find((installed) => installed.version === wanted.version);
  if (found === undefined)
    throw new Error(
      `${wanted.category}/${wanted.name}-${wanted.version} is not in the VDB that it was read from.`,
    );
  return found;
}

/** The package of a denial, shown as the variable would show it to which the denial points. */
export function revealDenied(
  root: Pick<RootState, 'lookup'>,
  { package: denied, kinds }: Denial,
): RevealedPackage {
  const isBuiltAgainst = kinds.some((kind) => variableFor(kind) === 'DEPEND');
  return { package: findInstalledPackage(root, denied), isBuiltAgainst };
}

/**
 * Makes the needs of a denied package, one for each variable that it belongs in.
 *
 * @param use the use of it by the build in which it was revealed; undefined if there was no such build yet, or no use. Then the kind of the
 *   denied file decides the variable
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
    ...markDeprecated(installed, variable, atoms),
    evidence: variable === denial.variable ? denial.evidence : evidenceFor(variable, use),
    ...(variable === 'BDEPEND' && toEclasses(atoms.findEclasses(installed))),
    ...markOthers(
      installed,
      variable === denial.variable ? denial.evidence : evidenceFor(variable, use),
      atoms,
    ),
    ...(bounds.length > 0 && { bounds }),
    ...(denial.instead !== undefined && { instead: denial.instead }),
  }));
}

function evidenceFor(variable: DependencyVariable, use: ObservedUse | undefined): readonly Evidence[] {
  return use?.kinds.find(({ kind }) => variableFor(kind) === variable)?.evidence ?? [];
}

/** Makes the need of an unlicensed run. */
export function runToNeed(
  run: UnlicensedRun,
  root: RootState,
  atoms: AtomWriter,
  findCall: CallFinder,
): Need {
  // Only what the phase itself runs may stand in an eclass. What make runs does not.
  const programs = run.evidence.map(({ chain, path }) =>
    chain.length > 1 ? undefined : path.slice(path.lastIndexOf('/') + 1),
  );
  const calls = programs.map((program) => (program === undefined ? undefined : findCall(program)));
  const calledBy = calls.includes(undefined) ? undefined : calls[0];
  const installed = findInstalledPackage(root, run.package);
  return {
    variable: 'BDEPEND',
    package: run.package,
    atom: atoms.atomFor(installed, 'BDEPEND'),
    certainty: 'proven',
    ...markDeprecated(installed, 'BDEPEND', atoms),
    evidence: run.evidence,
    ...(calledBy !== undefined && { calledBy }),
    ...toEclasses(atoms.findEclasses(installed)),
    ...markOthers(installed, run.evidence, atoms),
  };
}

/** The mark of a need or a use whose atom would ask for a deprecated package. */
export function markDeprecated(
  installed: InstalledPackage,
  variable: DependencyVariable | undefined,
  atoms: AtomWriter,
): { readonly deprecated?: true } {
  return atoms.isDeprecated(installed, variable) ? { deprecated: true } : {};
}

/** Says which eclass makes the atoms of an interpreter, if the repository has it. That is then the only one to name. */
export function markLanguage(need: Need, hasEclass: (name: string) => boolean): Need {
  const language = languageOf(need);
  const eclass = language && eclassFor(language, need.variable);
  if (eclass === undefined || !hasEclass(eclass)) return need;
  const { eclasses: _, ...others } = need;
  return { ...others, languageEclass: eclass };
}

/** The other packages that may have the programs of the evidence, which was run. */
function markOthers(
  installed: InstalledPackage,
  evidence: readonly Evidence[],
  atoms: AtomWriter,
): { readonly others?: readonly string[] } {
  const others = atoms.findOthers(
    installed,
    evidence.map(({ path }) => path),
  );
  return others.length > 0 ? { others } : {};
}

const toEclasses = (eclasses: readonly string[]) => (eclasses.length > 0 ? { eclasses } : {});

/** Finds the use of a package. */
export function useOf(uses: readonly ObservedUse[], wanted: RecordedPackage): ObservedUse | undefined {
  return uses.find((use) => packageId(use.package) === packageId(wanted));
}
