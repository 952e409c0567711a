import { type Atom, printAtom } from '../pms/atom.ts';
import { collectAtoms, parseDependency } from '../pms/dependency.ts';
import { DEPENDENCY_VARIABLES, type DependencyVariable } from '../pms/dependency-variable.ts';
import type { TextRange } from '../pms/text-range.ts';
import { type DeclaredAtom, declaredAtoms, declaredDependencies } from './declared.ts';
import type { EbuildFacts } from './ebuild-facts.ts';
import type { Predefined } from './package-variables.ts';

/** Where an atom of the evaluated metadata came from. */
export type AtomOrigin =
  | {
      readonly kind: 'text';
      /** What an edit of the atom must change. */
      readonly range: TextRange;
      /** The variable of the ebuild that the dependency variable refers to and that holds the atom. */
      readonly viaVariable: string | undefined;
      /** The command that made the atom of what is written, such as `python_gen_cond_dep`. */
      readonly generator: string | undefined;
    }
  /** An eclass added it; which one is said where only one of those inherited names the package. */
  | { readonly kind: 'eclass'; readonly eclass: string | undefined }
  /** No eclass is known to name it, and the text has words that only bash can expand. */
  | { readonly kind: 'unknown'; readonly candidates: readonly TextRange[] };

/** An atom of a dependency variable after eclasses, and where it came from. */
export interface TracedAtom {
  readonly variable: DependencyVariable;
  readonly atom: Atom;
  readonly origin: AtomOrigin;
}

/** The value of each dependency variable after eclasses (PMS 8.1, 10.2). */
export type EvaluatedDependencies = Readonly<Record<DependencyVariable, string>>;

/**
 * Finds where each atom of the evaluated metadata came from. An eclass's part follows the ebuild's own (PMS 10.2), so of several equal
 * atoms the first are the text's. Total: what is not an atom is passed over.
 *
 * @param inherited the eclasses, direct or not
 * @param namesIn `category/name` of every package that an eclass's text names; undefined where that is not known
 */
export function traceAtoms(
  evaluated: EvaluatedDependencies,
  facts: EbuildFacts,
  predefined: Predefined,
  inherited: readonly string[],
  namesIn: (eclass: string) => ReadonlySet<string> | undefined,
): TracedAtom[] {
  const declared = declaredDependencies(facts, predefined);
  return DEPENDENCY_VARIABLES.flatMap((variable) => {
    const value = evaluated[variable];
    const written = declaredAtoms(facts, variable, predefined);
    const used = new Set<DeclaredAtom>();
    return collectAtoms(parseDependency(value).nodes).map(({ atom }): TracedAtom => {
      const source = findSource(atom, written, used);
      if (source !== undefined) {
        used.add(source);
        const { range, viaVariable, generator } = source;
        return { variable, atom, origin: { kind: 'text', range, viaVariable, generator } };
      }
      return { variable, atom, origin: foreignOrigin(atom, variable) };
    });
  });

  function foreignOrigin(atom: Atom, variable: DependencyVariable): AtomOrigin {
    const eclass = innermost(`${atom.category}/${atom.name}`);
    if (eclass !== 'none') return { kind: 'eclass', eclass };
    const candidates = declared[variable].unresolved.filter((word) => !word.namesKnown);
    if (candidates.length > 0)
      return { kind: 'unknown', candidates: candidates.map(({ start, end }) => ({ start, end })) };
    return { kind: 'eclass', eclass: undefined };
  }

  /** An eclass is also said to name what those name that it inherits: the innermost is meant. */
  function innermost(name: string): string | undefined | 'none' {
    const naming = inherited
      .map((eclass) => ({ eclass, names: namesIn(eclass) ?? new Set<string>() }))
      .filter(({ names }) => names.has(name))
      .sort((a, b) => a.names.size - b.names.size);
    const [first, ...others] = naming;
    if (first === undefined) return 'none';
    const inside = others.every(({ names }) => [...first.names].every((one) => names.has(one)));
    return inside ? first.eclass : undefined;
  }
}

/** The written atom that an evaluated one is or was made of: what says the same before what only names the same package. */
function findSource(
  atom: Atom,
  written: readonly DeclaredAtom[],
  used: ReadonlySet<DeclaredAtom>,
): DeclaredAtom | undefined {
  const text = printAtom(atom);
  const same = written.filter((one) => one.atom.category === atom.category && one.atom.name === atom.name);
  return (
    same.find((one) => !used.has(one) && printAtom(one.atom) === text) ??
    same.find((one) => !used.has(one) && !one.exact) ??
    // A generator makes many atoms of one, and a loop repeats what stands in it.
    same.find((one) => !one.exact)
  );
}
