import type { Atom } from './atom.ts';
import type { AtomNode } from './dependency.ts';
import { hasChildren, type Item, type SpecificationNode } from './specification.ts';
import type { UseDependency } from './use-dependency.ts';

/**
 * Evaluates a tree for one set of USE flags (PMS 8.2.2): active conditionals are replaced by their content, others and
 * unexpanded ones are removed, and USE dependencies such as `[flag?]` become plain ones. Inside an any-of group, the
 * content of a conditional becomes one all-of alternative.
 *
 * @param enabled the enabled flags of the package with the dependency
 * @returns a tree without `use-conditional` nodes and with the ranges of the original
 */
export function evaluateUse<Leaf extends Item>(
  nodes: readonly SpecificationNode<Leaf>[],
  enabled: Iterable<string>,
): SpecificationNode<Leaf>[] {
  const flags: ReadonlySet<string> = new Set(enabled);
  return nodes.flatMap((node) => evaluateNode(node, flags, false));
}

function evaluateNode<Leaf extends Item>(
  node: SpecificationNode<Leaf>,
  flags: ReadonlySet<string>,
  alternative: boolean,
): SpecificationNode<Leaf>[] {
  if (!hasChildren(node)) return [isAtom(node) ? { ...node, atom: evaluateAtom(node.atom, flags) } : node];
  if (node.kind !== 'use-conditional') {
    const inside = node.kind !== 'all-of';
    return [{ ...node, children: node.children.flatMap((child) => evaluateNode(child, flags, inside)) }];
  }
  if (node.opaque || flags.has(node.flag) === node.negated) return [];
  const children = node.children.flatMap((child) => evaluateNode(child, flags, false));
  if (!alternative || children.length === 1) return children;
  return [{ kind: 'all-of', children, start: node.start, end: node.end }];
}

function isAtom(node: Item): node is AtomNode {
  return node.kind === 'atom';
}

/** Replaces USE dependencies on the parent's flags by plain ones for these flags (PMS 8.3.4). */
export function evaluateAtom(atom: Atom, enabled: ReadonlySet<string>): Atom {
  if (atom.use.every((use) => use.form === 'enabled' || use.form === 'disabled')) return atom;
  return { ...atom, use: atom.use.flatMap((use) => evaluateUseDependency(use, enabled.has(use.flag))) };
}

function evaluateUseDependency(use: UseDependency, on: boolean): UseDependency[] {
  switch (use.form) {
    case 'enabled':
    case 'disabled':
      return [use];
    case 'equal':
      return [{ ...use, form: on ? 'enabled' : 'disabled' }];
    case 'opposite':
      return [{ ...use, form: on ? 'disabled' : 'enabled' }];
    case 'if-enabled':
      return on ? [{ ...use, form: 'enabled' }] : [];
    case 'if-disabled':
      return on ? [] : [{ ...use, form: 'disabled' }];
  }
}
