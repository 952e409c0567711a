import { type Atom, parseAtom } from './atom.ts';
import type { SpecificationRules } from './eapi.ts';
import {
  collectItems,
  type Grammar,
  type Group,
  hasChildren,
  type Item,
  parseSpecification,
  type Specification,
  type SpecificationNode,
} from './specification.ts';
import type { Problem } from './text-range.ts';

export interface AtomNode extends Item {
  readonly kind: 'atom';
  readonly atom: Atom;
}

export type GroupNode = Group<AtomNode>;
export type DependencyNode = SpecificationNode<AtomNode>;
export type ParsedDependency = Specification<AtomNode>;

/** After a keystroke nearly all atoms of a list are the same, and lists repeat those of others. */
const validAtoms = new Map<string, Atom>();
const MOST_ATOMS = 4000;

const GRAMMAR: Grammar<AtomNode> = {
  variables: 'dependencies',
  syntax: 'atom',
  operators: ['||'],
  readItem(text, range, rules, report) {
    const key = `${rules.eapi} ${rules.ebuild} ${text}`;
    const known = validAtoms.get(key);
    if (known !== undefined) return { kind: 'atom', atom: known, text, ...range };
    const { atom, errors } = parseAtom(text, range.start, rules);
    for (const { start, end, message } of errors) report(start, end, message);
    if (atom !== undefined && errors.length === 0) {
      if (validAtoms.size >= MOST_ATOMS) validAtoms.clear();
      validAtoms.set(key, atom);
    }
    return atom === undefined ? undefined : { kind: 'atom', atom, text, ...range };
  },
};

/**
 * Reads a dependency specification (PMS 8.2) of an ebuild or its metadata: DEPEND, BDEPEND, RDEPEND, PDEPEND or IDEPEND.
 *
 * Shell text that bash still has to expand is not an error: it becomes an `opaque` node. After an error, reading
 * continues with the next atom.
 *
 * @param text the value without the quotes around it
 * @param baseOffset where `text` begins in the whole file; added to every range
 */
export function parseDependency(
  text: string,
  baseOffset = 0,
  rules: SpecificationRules = {},
): ParsedDependency {
  const parsed = parseSpecification(GRAMMAR, text, baseOffset, rules);
  if (rules.ebuild !== true) return parsed;
  const misplaced = parsed.nodes.flatMap(findOperatorsInAlternatives);
  if (misplaced.length === 0) return parsed;
  const errors = [...parsed.errors, ...misplaced].sort((left, right) => left.start - right.start);
  return { nodes: parsed.nodes, errors };
}

/** PMS 8.3.3: a slot operator in an any-of group would not say which alternative the package was built with. */
function findOperatorsInAlternatives(node: DependencyNode): Problem[] {
  if (!hasChildren(node)) return [];
  if (node.kind !== 'any-of') return node.children.flatMap(findOperatorsInAlternatives);
  return collectAtoms(node.children).flatMap(({ atom, text, start }) => {
    if (atom.slotOperator !== '=') return [];
    const equals = start + text.indexOf('=', text.indexOf(':'));
    const written = atom.slot === undefined ? ':=' : '=';
    const message = `A slot operator cannot stand inside \`|| ( … )\`: remove \`${written}\`.`;
    return [{ start: equals + 1 - written.length, end: equals + 1, message }];
  });
}

/** All atoms of the tree in the order of the text, with blockers and with those in groups and conditionals. */
export function collectAtoms(nodes: readonly DependencyNode[]): AtomNode[] {
  return collectItems(nodes);
}
