import type { DependencyVariable } from '../../pms/dependency-variable.ts';
import { packageId } from '../../pms/package-id.ts';
import type { PackageName } from '../../pms/package-name.ts';
import type { Evidence, RecordedPackage } from '../../trace/evidence.ts';
import { type UseKind, variableFor } from '../../trace/use-kind.ts';
import { namesFor, type Sought } from '../declared-packages.ts';
import type { PackageUse, TrialRecord } from '../record.ts';

/** An access to a file of a package. */
export interface SeenAccess {
  readonly access: Evidence;
  /** How the file was used; absent if the record does not say it. */
  readonly kind?: UseKind;
  /** The variable that it points to; absent if it points to none. */
  readonly wanted?: DependencyVariable;
}

/** A package that some USE state of a trial saw. */
export interface SeenPackage extends Sought {
  readonly package: RecordedPackage;
  readonly atom: string;
  /** The names by which an atom may declare it. */
  readonly names: readonly PackageName[];
  /** The strongest that any USE state says. */
  readonly state: 'needed' | 'used' | 'named' | 'looked-for';
  /** Why it was visible; absent if it was hidden. */
  readonly licence?: PackageUse['licence'];
  /** The variables that its accesses point to. */
  readonly variables: readonly DependencyVariable[];
  readonly accesses: readonly SeenAccess[];
}

const STATES: readonly SeenPackage['state'][] = ['needed', 'used', 'named', 'looked-for'];

/** What one entry of a record says of a package. */
interface Sight extends Omit<SeenPackage, 'names' | 'licence'> {
  readonly licence?: PackageUse['licence'] | undefined;
}

/**
 * Lists the packages of all USE states of a trial: the needed ones first, then those that were used, are named, or were looked for. The same
 * access in two states is one, with the sum of their numbers.
 */
export function listSeenPackages(states: readonly TrialRecord[]): readonly SeenPackage[] {
  const byPackage = new Map<string, Sight[]>();
  for (const sight of states.flatMap(listSights)) {
    const key = `${packageId(sight.package)}:${sight.package.slot}`;
    const known = byPackage.get(key);
    if (known === undefined) byPackage.set(key, [sight]);
    else known.push(sight);
  }
  const seen = [...byPackage.values()].map(join);
  return STATES.flatMap((state) => seen.filter((found) => found.state === state));
}

function listSights({ needs, uses, named, probes }: TrialRecord): Sight[] {
  return [
    ...needs.map(({ package: own, atom, variable, evidence }): Sight => {
      const accesses = evidence.map((access) => ({ access, wanted: variable }));
      return { package: own, atom, state: 'needed', variables: [variable], accesses };
    }),
    ...uses.map(({ package: own, atom, licence, kinds }): Sight => {
      const accesses = kinds.flatMap(({ kind, evidence }) => evidence.map((access) => toSeen(access, kind)));
      const variables = kinds.flatMap(({ kind }) => variableFor(kind) ?? []);
      return { package: own, atom, state: 'used', licence, variables, accesses };
    }),
    ...named.map(({ package: own, atom, licence, evidence }): Sight => {
      const accesses = evidence.map((access) => toSeen(access, 'named'));
      return { package: own, atom, state: 'named', licence, variables: ['RDEPEND'], accesses };
    }),
    ...probes.map(({ package: own, atom, variables, evidence }): Sight => {
      const accesses = evidence.map((access) => ({ access }));
      return { package: own, atom, state: 'looked-for', variables, accesses };
    }),
  ];
}

function toSeen(access: Evidence, kind: UseKind): SeenAccess {
  const wanted = variableFor(kind);
  return { access, kind, ...(wanted !== undefined && { wanted }) };
}

/** @param sights of one package, at least one */
function join(sights: readonly Sight[]): SeenPackage {
  const [strongest] = STATES.flatMap((state) => sights.filter((sight) => sight.state === state));
  const { package: own, atom, state } = strongest as Sight;
  const licence = sights.find((sight) => sight.licence !== undefined)?.licence;
  const accesses = new Map<string, SeenAccess>();
  for (const seen of sights.flatMap((sight) => sight.accesses)) {
    const { phase, program, path, result, operation, count } = seen.access;
    const key = JSON.stringify([phase, program, path, result, operation, seen.wanted]);
    const known = accesses.get(key);
    accesses.set(
      key,
      known === undefined
        ? seen
        : { ...known, access: { ...known.access, count: known.access.count + count } },
    );
  }
  return {
    package: own,
    atom,
    names: namesFor({ package: own, atom }),
    state,
    ...(licence !== undefined && { licence }),
    variables: [...new Set(sights.flatMap((sight) => sight.variables))],
    accesses: [...accesses.values()],
  };
}
