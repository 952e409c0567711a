import { type Atom, printAtom } from '../../pms/atom.ts';
import type { DependencyNode } from '../../pms/dependency.ts';
import { hasChildren } from '../../pms/specification.ts';

/** An atom or a group of alternatives with the USE conditionals around it. */
export interface DependencyEntry {
  /** In a form that is the same for the same meaning, e.g. `ssl? ( dev-libs/openssl:= )`. */
  readonly text: string;
  /** Absent for a group of alternatives, and for a word that only bash can expand. */
  readonly atom?: Atom;
  /** The flags of the conditionals around it and in it. */
  readonly flags: readonly string[];
  /** The conditionals around it, e.g. `!gtk? ssl?`. */
  readonly condition: string;
}

/**
 * Lists what a dependency declares. Two values that differ only in order, white space, nesting of conditionals or repetition give the same
 * texts.
 *
 * @param normalise gives the atom to compare instead of a written one
 */
export function listEntries(
  nodes: readonly DependencyNode[],
  normalise: (atom: Atom) => Atom = (atom) => atom,
): readonly DependencyEntry[] {
  const found = new Map<string, DependencyEntry>();
  const add = (words: string, flags: readonly string[], around: readonly string[], atom?: Atom): void => {
    const condition = [...new Set(around)].sort().join(' ');
    const text =
      condition === ''
        ? words
        : `${condition.replaceAll(' ', ' ( ')} ( ${words}${' )'.repeat(condition.split(' ').length)}`;
    found.set(text, { text, flags: [...new Set(flags)], condition, ...(atom === undefined ? {} : { atom }) });
  };
  const visit = (node: DependencyNode, around: readonly string[]): void => {
    const flags = around.map((word) => word.replace(/^!|\?$/g, ''));
    if (node.kind === 'atom') {
      const atom = normalise(node.atom);
      add(printAtom(atom), flags, around, atom);
    } else if (node.kind === 'use-conditional') {
      const inside = [...around, `${node.negated ? '!' : ''}${node.flag}?`];
      for (const child of node.children) visit(child, inside);
    } else if (node.kind === 'all-of') for (const child of node.children) visit(child, around);
    else if (hasChildren(node)) {
      const choices = node.children.map((child) => {
        const entries = listEntries([child], normalise);
        const words = entries.map(({ text }) => text).sort();
        return { entries, text: child.kind === 'all-of' ? `( ${words.join(' ')} )` : words.join(' ') };
      });
      const words = [...new Set(choices.map(({ text }) => text))].sort();
      const inside = choices.flatMap(({ entries }) => entries.flatMap((entry) => entry.flags));
      add(`|| ( ${words.join(' ')} )`, [...flags, ...inside], around);
    } else add(node.text, flags, around);
  };
  for (const node of nodes) visit(node, []);
  return [...found.values()];
}

/** How the entries of one variable differ. */
export interface EntryDifference {
  readonly added: readonly DependencyEntry[];
  readonly removed: readonly DependencyEntry[];
}

/** Compares the entries of one variable at the base and at the head. */
export function compareEntries(
  before: readonly DependencyEntry[],
  after: readonly DependencyEntry[],
): EntryDifference {
  const lacks = (entries: readonly DependencyEntry[]) => {
    const texts = new Set(entries.map(({ text }) => text));
    return ({ text }: DependencyEntry) => !texts.has(text);
  };
  return { added: after.filter(lacks(before)), removed: before.filter(lacks(after)) };
}

/** The number of entries that a sentence names. */
const MOST_NAMED = 3;

/** `gains a/b and loses c/d`; the lists are cut. */
export function describeDifference(added: readonly string[], removed: readonly string[]): string {
  const name = (entries: readonly string[]) => {
    const texts = [...entries].sort();
    const more = texts.length - MOST_NAMED;
    return more > 1 ? `${texts.slice(0, MOST_NAMED).join(', ')} and ${more} more` : texts.join(', ');
  };
  return [
    ...(added.length === 0 ? [] : [`gains ${name(added)}`]),
    ...(removed.length === 0 ? [] : [`loses ${name(removed)}`]),
  ].join(' and ');
}
