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
  /** `flag` or `!flag`, sorted; empty where it always holds. */
  readonly conditions: readonly string[];
}

/** What the text declares, in each variable that has it, itself or by reference. */
export function listDeclarations(facts: EbuildFacts): readonly Declaration[] {
  return TRIAL_VARIABLES.flatMap((variable) =>
    declaredAtoms(facts, variable).map(({ atom, conditions }) => ({
      variable,
      package: `${atom.category}/${atom.name}`,
      conditions: conditions.map(({ flag, negated }) => (negated ? `!${flag}` : flag)).sort(),
    })),
  );
}

/** For people, e.g. `RDEPEND: ssl? dev-libs/openssl`. */
export function describeDeclaration({ variable, package: name, conditions }: Declaration): string {
  return `${variable}: ${[...conditions.map((condition) => `${condition}?`), name].join(' ')}`;
}

/** The text as if the author had forgotten the package: no dependency variable names it. */
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
 * The text with the entries of every list in its dependency variables sorted and white space in them made one. Two texts that are the same
 * then differ in nothing that a reader would call a difference.
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
