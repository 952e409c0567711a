import { type Atom, printAtom } from '../pms/atom.ts';
import { collectAtoms, parseDependency } from '../pms/dependency.ts';
import { DEPENDENCY_VARIABLES, type DependencyVariable } from '../pms/dependency-variable.ts';
import type { TextRange } from '../pms/text-range.ts';
import { type DeclaredAtom, type DeclaredDependency, declaredWithAtoms } from './declared.ts';
import type { EbuildFacts } from './ebuild-facts.ts';
import type { Predefined } from './package-variables.ts';

/** The origin of an atom of the evaluated metadata. */
export type AtomOrigin =
  | {
      readonly kind: 'text';
      /** The range that an edit of the atom changes. */
      readonly range: TextRange;
      /** The variable of the ebuild that the dependency variable refers to and that holds the atom. */
      readonly viaVariable: string | undefined;
      /** The command that made the atom from the written one, such as `python_gen_cond_dep`. */
      readonly generator: string | undefined;
    }
  /** An eclass added it. The eclass is known only if exactly one of the inherited eclasses names the package. */
  | { readonly kind: 'eclass'; readonly eclass: string | undefined }
  /** No inherited eclass is known to name it, and the text has words that only bash can expand. */
  | { readonly kind: 'unknown'; readonly candidates: readonly TextRange[] };

/** An atom of a dependency variable after eclasses, and its origin. */
export interface TracedAtom {
  readonly variable: DependencyVariable;
  readonly atom: Atom;
  readonly origin: AtomOrigin;
}

/** The value of each dependency variable after eclasses (PMS 8.1, 10.2). */
export type EvaluatedDependencies = Readonly<Record<DependencyVariable, string>>;

/**
 * Finds the origin of each atom of the evaluated metadata. The part of an eclass follows that of the ebuild (PMS 10.2), so the first of
 * several equal atoms are the ebuild's. Total: anything that is not an atom is skipped.
 *
 * @param inherited the eclasses, direct or not
 * @param namesIn `category/name` of every package in the text of an eclass; undefined if unknown
 */
export function traceAtoms(
  evaluated: EvaluatedDependencies,
  facts: EbuildFacts,
  predefined: Predefined,
  inherited: readonly string[],
  namesIn: (eclass: string) => ReadonlySet<string> | undefined,
): TracedAtom[] {
  return DEPENDENCY_VARIABLES.flatMap((variable) => {
    const { declared, atoms } = declaredWithAtoms(facts, variable, predefined);
    const used = new Set<DeclaredAtom>();
    return collectAtoms(parseDependency(evaluated[variable]).nodes).map(({ atom }): TracedAtom => {
      const source = findSource(atom, atoms, used);
      if (source !== undefined) {
        used.add(source);
        const { range, viaVariable, generator } = source;
        return { variable, atom, origin: { kind: 'text', range, viaVariable, generator } };
      }
      const eclass = findEclass(`${atom.category}/${atom.name}`, inherited, namesIn);
      return { variable, atom, origin: foreignOrigin(eclass, declared) };
    });
  });
}

/** The origin of an atom that was not found in the text. */
function foreignOrigin(eclass: ReturnType<typeof findEclass>, declared: DeclaredDependency): AtomOrigin {
  if (eclass !== 'none') return { kind: 'eclass', eclass };
  const candidates = declared.unresolved.filter((word) => !word.namesKnown);
  if (candidates.length > 0)
    return { kind: 'unknown', candidates: candidates.map(({ start, end }) => ({ start, end })) };
  return { kind: 'eclass', eclass: undefined };
}

/**
 * Finds the eclass that names a package. If an eclass inherits another one, both have the names of the inner one, so the innermost is
 * returned.
 *
 * @returns undefined if several are possible, `none` if no eclass names the package
 */
function findEclass(
  name: string,
  inherited: readonly string[],
  namesIn: (eclass: string) => ReadonlySet<string> | undefined,
): string | undefined | 'none' {
  const naming = inherited
    .map((eclass) => ({ eclass, names: namesIn(eclass) ?? new Set<string>() }))
    .filter(({ names }) => names.has(name))
    .sort((left, right) => left.names.size - right.names.size);
  const [first, ...others] = naming;
  if (first === undefined) return 'none';
  const inside = others.every(({ names }) => [...first.names].every((named) => names.has(named)));
  return inside ? first.eclass : undefined;
}

/** Finds the written atom from which an evaluated one was made. An equal atom is preferred to one that only names the same package. */
function findSource(
  atom: Atom,
  written: readonly DeclaredAtom[],
  used: ReadonlySet<DeclaredAtom>,
): DeclaredAtom | undefined {
  const text = printAtom(atom);
  const same = written.filter(
    (declared) => declared.atom.category === atom.category && declared.atom.name === atom.name,
  );
  return (
    same.find((declared) => !used.has(declared) && printAtom(declared.atom) === text) ??
    same.find((declared) => !used.has(declared) && !declared.exact) ??
    // A generator makes several atoms from one, and a loop repeats its body.
    same.find((declared) => !declared.exact)
  );
}
