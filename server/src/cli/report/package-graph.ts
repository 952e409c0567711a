import type { Need, PackageUse, TrialRecord } from '../../audit/record.ts';
import { nameInAtom, nameOf } from '../../pms/package-name.ts';
import { type UseKind, variableFor } from '../../trace/use-kind.ts';

/** A package that a build had to do with. */
export interface GraphPackage {
  /** `category/name`, or an atom that no installed package satisfies. */
  readonly name: string;
  /**
   * `declared`: the ebuild declares it. `through`: it is used, and visible only through declared ones. `missing`: it is needed and not declared.
   * `not-installed`: it is declared, and no installed package satisfies it.
   */
  readonly role: 'declared' | 'through' | 'missing' | 'not-installed';
  /** The declared packages that bring it; only for `through`. */
  readonly through: readonly string[];
  /** How it was used; empty if only others were used through it. */
  readonly kinds: readonly UseKind[];
  /** The variables that it belongs in, as far as the uses show. */
  readonly variables: readonly string[];
}

interface Gathered {
  role: GraphPackage['role'];
  readonly through: Set<string>;
  readonly kinds: Set<UseKind>;
  readonly variables: Set<string>;
}

/**
 * Lists the packages of a trial in all its USE states: missing ones first, then by name. Those that only @system brings are left out, because
 * every build uses them.
 */
export function listPackages(record: TrialRecord): readonly GraphPackage[] {
  const found = new Map<string, Gathered>();
  const add = (name: string, role: GraphPackage['role']): Gathered => {
    const gathered = found.get(name) ?? {
      role,
      through: new Set(),
      kinds: new Set(),
      variables: new Set(),
    };
    if (ROLES.indexOf(role) < ROLES.indexOf(gathered.role)) gathered.role = role;
    found.set(name, gathered);
    return gathered;
  };
  for (const { needs, uses, removals, notInstalled } of [record, ...record.variants]) {
    for (const need of needs) add(nameFor(need), 'missing').variables.add(need.variable);
    for (const { atom, variable } of notInstalled) add(atom, 'not-installed').variables.add(variable);
    for (const { atom, variable } of removals)
      add(nameInAtom(atom) ?? atom, 'declared').variables.add(variable);
    for (const use of uses.filter(({ licence }) => licence !== 'system')) addUse(use, add);
  }
  return [...found]
    .map(([name, { role, ...sets }]) => ({
      name,
      role,
      through: [...sets.through].sort(),
      kinds: [...sets.kinds],
      variables: [...sets.variables].sort(),
    }))
    .sort(
      (left, right) =>
        ROLES.indexOf(left.role) - ROLES.indexOf(right.role) || (left.name < right.name ? -1 : 1),
    );
}

/** The role that counts if a package has several in different USE states comes first. */
const ROLES: readonly GraphPackage['role'][] = ['missing', 'not-installed', 'declared', 'through'];

function addUse(use: PackageUse, add: (name: string, role: GraphPackage['role']) => Gathered): void {
  const gathered = add(nameFor(use), use.licence === 'declared' ? 'declared' : 'through');
  for (const { kind } of use.kinds) {
    gathered.kinds.add(kind);
    const variable = variableFor(kind);
    if (variable !== undefined) gathered.variables.add(variable);
  }
  for (const name of use.through ?? []) {
    gathered.through.add(name);
    add(name, 'declared');
  }
}

/** The name that an author would write: that of a virtual if one stands for the package. */
function nameFor({ atom, package: used }: Need | PackageUse): string {
  return nameInAtom(atom) ?? nameOf(used);
}
