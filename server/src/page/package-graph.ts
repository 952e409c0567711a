import type { Need, PackageUse, TrialRecord } from '../audit/record.ts';
import { parseDependency } from '../pms/dependency.ts';
import { DEPENDENCY_VARIABLES, type DependencyVariable } from '../pms/dependency-variable.ts';
import { nameInAtom, nameOf } from '../pms/package-name.ts';
import { collectItems, hasChildren } from '../pms/specification.ts';
import { evaluateUse } from '../pms/use.ts';
import { type UseKind, variableFor } from '../trace/use-kind.ts';

/** A package that a build had to do with. */
export interface GraphPackage {
  /** `category/name`. */
  readonly name: string;
  /**
   * `declared`: the ebuild declares it. `through`: it is used, and visible only through declared ones. `missing`: it is needed and not declared.
   * `not-installed`: it is declared, and no installed package satisfies it.
   */
  readonly role: 'declared' | 'through' | 'missing' | 'not-installed';
  /** The declared packages that bring it; only for `through`. */
  readonly through: readonly string[];
  /** The variables that declare it, in some USE state. */
  readonly declaredIn: readonly DependencyVariable[];
  /** How it was used; empty if no use was seen. */
  readonly kinds: readonly UseKind[];
  /** The variables that these uses point to, and those that lack it. */
  readonly wantedIn: readonly DependencyVariable[];
}

interface Gathered {
  role: GraphPackage['role'];
  readonly through: Set<string>;
  readonly declaredIn: Set<DependencyVariable>;
  readonly kinds: Set<UseKind>;
  readonly wantedIn: Set<DependencyVariable>;
}

type Add = (name: string, role: GraphPackage['role']) => Gathered;

/**
 * Lists the packages of a trial in all its USE states: missing ones first, then by name. Those that only @system brings are left out, because
 * every build uses them.
 */
export function listPackages(record: TrialRecord): readonly GraphPackage[] {
  const found = new Map<string, Gathered>();
  const add: Add = (name, role) => {
    const gathered = found.get(name) ?? {
      role,
      through: new Set(),
      declaredIn: new Set(),
      kinds: new Set(),
      wantedIn: new Set(),
    };
    if (ROLES.indexOf(role) < ROLES.indexOf(gathered.role)) gathered.role = role;
    found.set(name, gathered);
    return gathered;
  };
  const states = [record, ...record.variants];
  for (const state of states) addState(state, add);
  // An alternative of a group counts only if something shows it.
  for (const state of states)
    for (const { name, variable } of listDeclared(state, true)) found.get(name)?.declaredIn.add(variable);
  return [...found]
    .map(([name, { role, ...sets }]) => ({
      name,
      role,
      through: [...sets.through].sort(),
      declaredIn: inOrder(sets.declaredIn),
      kinds: [...sets.kinds],
      wantedIn: inOrder(sets.wantedIn),
    }))
    .sort(
      (left, right) =>
        ROLES.indexOf(left.role) - ROLES.indexOf(right.role) || (left.name < right.name ? -1 : 1),
    );
}

/** The role that counts if a package has several in different USE states comes first. */
const ROLES: readonly GraphPackage['role'][] = ['missing', 'not-installed', 'declared', 'through'];

function addState(state: TrialRecord, add: Add): void {
  const declared = new Set(listDeclared(state, true).map(({ name }) => name));
  /** The name that the ebuild has for it, or an author would write: that of a virtual if one stands for the package. */
  const nameFor = ({ atom, package: own }: Need | PackageUse): string =>
    declared.has(nameOf(own)) ? nameOf(own) : (nameInAtom(atom) ?? nameOf(own));
  for (const need of state.needs) add(nameFor(need), 'missing').wantedIn.add(need.variable);
  for (const { atom } of state.notInstalled) add(nameInAtom(atom) ?? atom, 'not-installed');
  for (const { name } of listDeclared(state, false)) add(name, 'declared');
  for (const use of state.uses.filter(({ licence }) => licence !== 'system')) {
    const gathered = add(nameFor(use), use.licence === 'declared' ? 'declared' : 'through');
    for (const { kind } of use.kinds) {
      gathered.kinds.add(kind);
      const variable = variableFor(kind);
      if (variable !== undefined) gathered.wantedIn.add(variable);
    }
    for (const name of use.through ?? []) {
      gathered.through.add(name);
      add(name, 'declared');
    }
  }
}

/**
 * The packages that are declared in a USE state, with those that eclasses bring.
 *
 * @param withAlternatives whether to list what is in a group of alternatives too
 */
function listDeclared({ evaluated, use }: TrialRecord, withAlternatives: boolean) {
  return DEPENDENCY_VARIABLES.flatMap((variable) => {
    const active = evaluateUse(parseDependency(evaluated[variable]).nodes, use);
    const nodes = withAlternatives
      ? active
      : active.filter((node) => !hasChildren(node) || node.kind === 'all-of');
    return collectItems(nodes)
      .filter(({ atom }) => atom.blocker === '')
      .map(({ atom }) => ({ name: nameOf(atom), variable }));
  });
}

const inOrder = (variables: ReadonlySet<DependencyVariable>) =>
  DEPENDENCY_VARIABLES.filter((variable) => variables.has(variable));
