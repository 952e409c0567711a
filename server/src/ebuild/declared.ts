import type { Atom } from '../pms/atom.ts';
import {
  type DependencyNode,
  type GroupNode,
  type ParsedDependency,
  parseDependency,
} from '../pms/dependency.ts';
import type { DependencyVariable } from '../pms/dependency-variable.ts';
import { endOfExpansion } from '../pms/shell-text.ts';
import type { Problem, TextRange } from '../pms/text-range.ts';
import type { Assignment, EbuildFacts } from './ebuild-facts.ts';
import { generatorCall } from './generator-call.ts';
import type { Predefined } from './package-variables.ts';
import { parseAssignedValue } from './parsed-value.ts';
import { type AtomPart, readPartialAtom } from './partial-atom.ts';
import { expandShellText } from './shell-expansion.ts';
import { type Budget, DEEPEST_REFERENCE, effectiveAssignments, variableValue } from './variable-value.ts';

/** A word whose value only bash or an eclass knows. */
export interface Unresolved extends TextRange {
  readonly text: string;
  /** One sentence that says why. */
  readonly reason: string;
  /** Whether the names of all its packages are known nevertheless; `declaredAtoms` returns them. */
  readonly namesKnown: boolean;
}

/** The value of one dependency variable in the text of the ebuild, without the part that eclasses add. */
export interface DeclaredDependency {
  readonly variable: DependencyVariable;
  /** The assignments of its value, in the order of the text. */
  readonly assignments: readonly Assignment[];
  /** The whole value, with the variables of the file expanded. The range of each word is the place where it is written. */
  readonly nodes: readonly DependencyNode[];
  readonly errors: readonly Problem[];
  readonly unresolved: readonly Unresolved[];
}

/** A USE conditional around an atom (PMS 8.2.2). */
export interface UseCondition {
  /** Shell text as written if only bash knows the flag. */
  readonly flag: string;
  readonly negated: boolean;
}

export interface DeclaredAtom {
  /** The dependency variable that declares it. */
  readonly variable: DependencyVariable;
  /** The atom without its `unknown` parts. */
  readonly atom: Atom;
  /** The range of the atom in the text, or of the expansion that contains it. */
  readonly range: TextRange;
  /** The variable that contains the atom and that the dependency variable refers to. */
  readonly viaVariable?: string;
  /** The command with the atom in an argument, such as `python_gen_cond_dep`. Only bash knows its output. */
  readonly generator?: string;
  /** The parts that only bash knows; `version` includes the operator. */
  readonly unknown: readonly AtomPart[];
  /** The USE conditionals around it, outermost first. */
  readonly conditions: readonly UseCondition[];
  /** The groups around it, outermost first. */
  readonly groups: readonly GroupNode['kind'][];
  /** False if a part is `unknown`, the atom is generated, or it is in a branch that bash may not take. */
  readonly exact: boolean;
}

/** The number of references that are followed for one dependency variable. A few lines can contain billions. */
const MOST = 2000;

interface Origin {
  readonly viaVariable: string | undefined;
  readonly exact: boolean;
}

/** The state of expanding one dependency variable. */
interface Expansion {
  readonly facts: EbuildFacts;
  readonly predefined: Predefined;
  readonly origins: Map<DependencyNode, Origin>;
  /** Words that bash has to expand, with the known values filled in. */
  readonly expanded: Map<DependencyNode, string>;
  readonly errors: Problem[];
  readonly unresolved: Unresolved[];
  readonly budget: Budget;
}

/** The dependency of one variable, and its atoms. */
export interface DeclaredVariable {
  readonly declared: DeclaredDependency;
  readonly atoms: readonly DeclaredAtom[];
}

/**
 * All atoms that the text declares in a variable, in the order of the text, with those in conditionals and groups.
 * Atoms in the arguments of `$(…)`, and atoms with unknown parts, are included and not exact.
 */
export function declaredAtoms(
  facts: EbuildFacts,
  variable: DependencyVariable,
  predefined: Predefined = {},
): readonly DeclaredAtom[] {
  return declaredWithAtoms(facts, variable, predefined).atoms;
}

/** The variables of the last facts. A WeakMap for all facts would make each garbage collection take several milliseconds. */
let last: { readonly facts: EbuildFacts; readonly variables: Map<string, DeclaredVariable> } | undefined;

/** The declared dependency and its atoms for one variable. A variable is expanded once for each version of the facts. */
export function declaredWithAtoms(
  facts: EbuildFacts,
  variable: DependencyVariable,
  predefined: Predefined = {},
): DeclaredVariable {
  if (last?.facts !== facts) last = { facts, variables: new Map() };
  const { variables } = last;
  const key = JSON.stringify([variable, predefined]);
  const known = variables.get(key);
  if (known !== undefined) return known;
  const expansion = expand(facts, variable, predefined);
  const result = { declared: expansion.declared, atoms: atomsOf(facts, expansion) };
  variables.set(key, result);
  return result;
}

function atomsOf(
  facts: EbuildFacts,
  { declared, origins, expanded }: ReturnType<typeof expand>,
): DeclaredAtom[] {
  const result: DeclaredAtom[] = [];
  const visit = (node: DependencyNode, around: Surroundings): void => {
    const origin = origins.get(node) ?? around.origin;
    const add = (atom: Atom, unknown: readonly AtomPart[]): void => {
      result.push({
        variable: declared.variable,
        atom,
        range: { start: node.start, end: node.end },
        unknown,
        conditions: around.conditions,
        groups: around.groups,
        exact: origin.exact && unknown.length === 0 && around.generator === undefined,
        ...(origin.viaVariable === undefined ? {} : { viaVariable: origin.viaVariable }),
        ...(around.generator === undefined ? {} : { generator: around.generator }),
      });
    };
    if (node.kind === 'atom') add(node.atom, []);
    else if (node.kind === 'opaque') {
      const call = generatorCall(node.text);
      if (call !== undefined) {
        const inside = { ...around, origin, generator: call.name };
        for (const argument of call.arguments)
          for (const child of insideWord(facts.text, node, argument)) visit(child, inside);
        return;
      }
      const partial = readPartialAtom(expanded.get(node) ?? node.text);
      if (partial !== undefined) add(partial.atom, partial.unknown);
    } else if (node.kind === 'use-conditional') {
      const conditions = [...around.conditions, { flag: node.flag, negated: node.negated }];
      for (const child of node.children) visit(child, { ...around, origin, conditions });
    } else if (node.kind !== 'invalid') {
      const groups = [...around.groups, node.kind];
      for (const child of node.children) visit(child, { ...around, origin, groups });
    }
  };
  const outside: Surroundings = {
    origin: { viaVariable: undefined, exact: true },
    conditions: [],
    groups: [],
    generator: undefined,
  };
  for (const node of declared.nodes) visit(node, outside);
  return result;
}

interface Surroundings {
  readonly origin: Origin;
  readonly conditions: readonly UseCondition[];
  readonly groups: readonly GroupNode['kind'][];
  readonly generator: string | undefined;
}

/**
 * The dependencies in an argument of a word. If the word comes from an expansion, the argument is not at this position of the text, so they
 * have the range of the word.
 */
function insideWord(
  text: string,
  word: DependencyNode & { readonly kind: 'opaque' },
  argument: TextRange,
): readonly DependencyNode[] {
  const { nodes } = parseDependency(
    word.text.slice(argument.start, argument.end),
    word.start + argument.start,
  );
  if (text.startsWith(word.text, word.start)) return nodes;
  return nodes.map((node) => moveNode(node, () => word));
}

function expand(facts: EbuildFacts, variable: DependencyVariable, predefined: Predefined) {
  const expansion: Expansion = {
    facts,
    predefined,
    origins: new Map(),
    expanded: new Map(),
    errors: [],
    unresolved: [],
    budget: { left: MOST },
  };
  const assignments = effectiveAssignments(facts, variable, Number.POSITIVE_INFINITY);
  const nodes = assignments.flatMap((assignment) =>
    expandAssignment(expansion, assignment, undefined, true, 0),
  );
  const { errors, unresolved } = expansion;
  const declared: DeclaredDependency = { variable, assignments, nodes, errors, unresolved };
  return { declared, origins: expansion.origins, expanded: expansion.expanded };
}

function expandAssignment(
  expansion: Expansion,
  assignment: Assignment,
  via: string | undefined,
  exact: boolean,
  depth: number,
): DependencyNode[] {
  const parsed = parseValue(expansion.facts, assignment);
  expansion.errors.push(...parsed.errors);
  const origin = { viaVariable: via, exact: exact && assignment.context === 'global' };
  return parsed.nodes.flatMap((node) => expandNode(expansion, node, assignment, origin, depth));
}

function parseValue({ text, eapi }: EbuildFacts, assignment: Assignment): ParsedDependency {
  const { end } = assignment.valueRange;
  const rules = { eapi, ebuild: true };
  if (assignment.quote === 'array') return { nodes: [], errors: [] };
  if (assignment.quote !== 'mixed') return parseAssignedValue(text, assignment, eapi);
  // Bash removes the quotes between the pieces; `offsets` maps the joined text to the file.
  let joined = '';
  const offsets: number[] = [];
  for (const part of assignment.parts) {
    for (let position = part.start; position < part.end; position++) {
      joined += text[position];
      offsets.push(position);
    }
  }
  const back = (range: TextRange): TextRange => ({
    start: offsets[range.start] ?? end,
    end: (offsets[range.end - 1] ?? end - 1) + 1,
  });
  const { nodes, errors } = parseDependency(joined, 0, rules);
  return {
    nodes: nodes.map((node) => moveNode(node, back)),
    errors: errors.map((error) => ({ ...error, ...back(error) })),
  };
}

function expandNode(
  expansion: Expansion,
  node: DependencyNode,
  within: Assignment,
  origin: Origin,
  depth: number,
): DependencyNode[] {
  if (node.kind === 'opaque') return expandWord(expansion, node, within, origin, depth);
  if (node.kind === 'atom' || node.kind === 'invalid') {
    expansion.origins.set(node, origin);
    return [node];
  }
  const children = node.children.flatMap((child) => expandNode(expansion, child, within, origin, depth));
  const expanded = { ...node, children };
  expansion.origins.set(expanded, origin);
  return [expanded];
}

function expandWord(
  expansion: Expansion,
  node: DependencyNode & { readonly kind: 'opaque' },
  within: Assignment,
  origin: Origin,
  depth: number,
): DependencyNode[] {
  const keep = (reason: string, expanded?: string): DependencyNode[] => {
    const { start, end, text } = node;
    const namesKnown = generatorCall(text)?.namesKnown ?? readPartialAtom(expanded ?? text) !== undefined;
    expansion.unresolved.push({ start, end, text, reason, namesKnown });
    expansion.origins.set(node, origin);
    if (expanded !== undefined) expansion.expanded.set(node, expanded);
    return [node];
  };
  if (within.quote === 'single')
    return keep('Bash expands nothing between single quotes: use double quotes.');
  if (depth >= DEEPEST_REFERENCE || expansion.budget.left <= 0)
    return keep('Too many variables refer to one another.');
  expansion.budget.left--;
  const reference = /^\$(?:\{(\w+)(?::?\?)?\}|(\w+))$/.exec(node.text);
  const name = reference?.[1] ?? reference?.[2];
  if (name !== undefined && !Object.hasOwn(expansion.predefined, name)) {
    const sources = effectiveAssignments(expansion.facts, name, within.start);
    if (sources.length === 0) return keep(`${name} is not set above in this file; an eclass may set it.`);
    // For `DEPEND="${DEPEND} …"` in a branch, the earlier value is among the assignments already.
    if (name === within.name && within.context === 'conditional') return [];
    const via = origin.viaVariable ?? name;
    return sources.flatMap((source) => expandAssignment(expansion, source, via, origin.exact, depth + 1));
  }
  const { text, known } = expandText(expansion, node.text, within.start, depth);
  if (!known) return keep('Only bash knows its value.', text);
  const nodes = parseDependency(text).nodes;
  const placed = nodes.map((parsed) => moveNode(parsed, () => node));
  for (const parsed of placed) expansion.origins.set(parsed, origin);
  return placed;
}

function moveNode(node: DependencyNode, move: (range: TextRange) => TextRange): DependencyNode {
  const { start, end } = move(node);
  if (node.kind === 'atom' || node.kind === 'opaque' || node.kind === 'invalid')
    return { ...node, start, end };
  return { ...node, start, end, children: node.children.map((child) => moveNode(child, move)) };
}

/** Fills in the known values of the expansions in a word. `known` says whether all of them are known. */
function expandText(
  expansion: Expansion,
  word: string,
  position: number,
  depth: number,
): { readonly text: string; readonly known: boolean } {
  const lookup = (name: string): string | undefined => variableValue(expansion, name, position, depth + 1);
  let text = '';
  let known = true;
  for (let start = 0; start < word.length; ) {
    const end = '$`'.includes(word[start] ?? '') ? (endOfExpansion(word, start) ?? word.length) : start;
    const piece = word.slice(start, Math.max(end, start + 1));
    const value = end > start ? expandShellText(piece, lookup) : piece;
    known &&= value !== undefined && !(end === start && '$`'.includes(piece));
    text += value ?? piece;
    start += piece.length;
  }
  return { text, known };
}
