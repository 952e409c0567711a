import { declaredAtoms } from '../server/src/ebuild/declared.ts';
import type { EbuildFacts } from '../server/src/ebuild/ebuild-facts.ts';
import { removeAtom } from '../server/src/ebuild/edit/edit.ts';
import { applyEdits } from '../server/src/ebuild/text-edit.ts';
import { type DependencyNode, parseDependency } from '../server/src/pms/dependency.ts';
import { isDependencyVariable, TRIAL_VARIABLES } from '../server/src/pms/dependency-variable.ts';

export type ReadFacts = (text: string) => EbuildFacts;

/** One atom of the text in one dependency variable. */
export interface Declaration {
  readonly variable: string;
  /** `category/name`. */
  readonly package: string;
  /** `flag` or `!flag`, sorted; empty if the atom is always active. */
  readonly conditions: readonly string[];
}

/** The declarations of the text, once for each variable that has them directly or by reference. */
export function listDeclarations(facts: EbuildFacts): readonly Declaration[] {
  return TRIAL_VARIABLES.flatMap((variable) =>
    declaredAtoms(facts, variable).map(({ atom, conditions }) => ({
      variable,
      package: `${atom.category}/${atom.name}`,
      conditions: conditions.map(({ flag, negated }) => (negated ? `!${flag}` : flag)).sort(),
    })),
  );
}

/** Prints a declaration, e.g. `RDEPEND: ssl? dev-libs/openssl`. */
export function describeDeclaration({ variable, package: name, conditions }: Declaration): string {
  return `${variable}: ${[...conditions.map((condition) => `${condition}?`), name].join(' ')}`;
}

/** Removes a package from all dependency variables, as if the author had forgotten it. */
export function forgetPackage(text: string, name: string, readFacts: ReadFacts): string {
  let left = text;
  for (;;) {
    const facts = readFacts(left);
    const found = TRIAL_VARIABLES.flatMap((variable) => declaredAtoms(facts, variable)).find(
      ({ atom }) => `${atom.category}/${atom.name}` === name,
    );
    if (found === undefined) return left;
    const next = applyEdits(left, removeAtom(facts, found.range));
    if (next === left) throw new Error(`${name} cannot be taken out of the ebuild.`);
    left = next;
  }
}

/**
 * Sorts the entries of all lists in the dependency variables and normalises white space in them. Two texts with the same
 * result have no difference that a reader would care about.
 */
export function sortDependencies(text: string, readFacts: ReadFacts): string {
  const facts = readFacts(text);
  const edits = facts.assignments
    .filter(({ name }) => isDependencyVariable(name))
    .map(({ valueRange: { start, end } }) => ({
      start,
      end,
      newText: printSorted(
        parseDependency(text.slice(start, end), 0, { eapi: facts.eapi, ebuild: true }).nodes,
      ),
    }));
  return applyEdits(text, edits);
}

function printSorted(nodes: readonly DependencyNode[]): string {
  return nodes.map(printNode).sort().join(' ');
}

function printNode(node: DependencyNode): string {
  if (node.kind === 'atom' || node.kind === 'opaque' || node.kind === 'invalid') return node.text;
  const before =
    node.kind === 'use-conditional'
      ? `${node.negated ? '!' : ''}${node.flag}? `
      : node.kind === 'any-of'
        ? '|| '
        : '';
  return `${before}( ${printSorted(node.children)} )`;
}
