import { type Atom, parseAtom } from '../pms/atom.ts';
import { type DependencyNode, type ParsedDependency, parseDependency } from '../pms/dependency.ts';
import type { Problem, TextRange } from '../pms/text-range.ts';
import { DEPENDENCY_VARIABLES, type DependencyVariableName } from './dependency-variable.ts';
import type { Assignment, EbuildFacts } from './facts.ts';

/** Something whose value only bash or an eclass knows. */
export interface Unresolved extends TextRange {
  readonly text: string;
  /** One sentence that says why. */
  readonly reason: string;
}

/** What the text of the ebuild says for one dependency variable; what eclasses add is not in it. */
export interface DeclaredDependency {
  readonly variable: DependencyVariableName;
  /** The assignments that its value comes from, in the order of the text. */
  readonly assignments: readonly Assignment[];
  /** The whole value, references to variables of the file replaced by what they hold. Ranges are where the words stand. */
  readonly nodes: readonly DependencyNode[];
  readonly errors: readonly Problem[];
  readonly unresolved: readonly Unresolved[];
}

export interface DeclaredAtom {
  readonly atom: Atom;
  readonly range: TextRange;
  /** The variable that the dependency variable refers to and that holds the atom. */
  readonly viaVariable?: string;
  /**
   * False where the atom is only part of what is written, because its version or USE dependencies are not known before bash
   * runs, or where it stands in a branch that bash may not take.
   */
  readonly exact: boolean;
}

/** Values that are known from the ebuild's place and not from its text, such as `PN` and `PV` (PMS 11.1). */
export type Predefined = Readonly<Record<string, string>>;

/** Chains of references longer than this are not followed. */
const DEEPEST = 50;
/** How many references one dependency variable may lead to; a few lines can ask for billions. */
const MOST = 2000;

interface Origin {
  readonly viaVariable: string | undefined;
  readonly exact: boolean;
}

interface Expansion {
  readonly facts: EbuildFacts;
  readonly predefined: Predefined;
  readonly origins: Map<DependencyNode, Origin>;
  readonly errors: Problem[];
  readonly unresolved: Unresolved[];
  left: number;
}

/** What each dependency variable declares (PMS 8.1). Total: what cannot be read is said in `errors` and `unresolved`. */
export function declaredDependencies(
  facts: EbuildFacts,
  predefined: Predefined = {},
): Readonly<Record<DependencyVariableName, DeclaredDependency>> {
  const entries = DEPENDENCY_VARIABLES.map((variable) => [
    variable,
    expand(facts, variable, predefined).declared,
  ]);
  return Object.fromEntries(entries);
}

/**
 * Every atom that the text declares in a variable, in the order of the text, whatever conditional or group it stands in.
 * Atoms inside `$(…)` are given too, as not exact.
 */
export function declaredAtoms(
  facts: EbuildFacts,
  variable: DependencyVariableName,
  predefined: Predefined = {},
): DeclaredAtom[] {
  const { declared, origins } = expand(facts, variable, predefined);
  const result: DeclaredAtom[] = [];
  const visit = (node: DependencyNode): void => {
    const origin = origins.get(node) ?? { viaVariable: undefined, exact: true };
    const add = (atom: Atom, range: TextRange, exact: boolean): void => {
      const via = origin.viaVariable === undefined ? {} : { viaVariable: origin.viaVariable };
      result.push({
        atom,
        range: { start: range.start, end: range.end },
        exact: exact && origin.exact,
        ...via,
      });
    };
    if (node.kind === 'atom') add(node.atom, node, true);
    else if (node.kind === 'opaque')
      for (const guess of guessAtoms(node.text, node.start)) add(guess.atom, guess, false);
    else if (node.kind !== 'invalid') node.children.forEach(visit);
  };
  declared.nodes.forEach(visit);
  return result;
}

function expand(facts: EbuildFacts, variable: DependencyVariableName, predefined: Predefined) {
  const expansion: Expansion = {
    facts,
    predefined,
    origins: new Map(),
    errors: [],
    unresolved: [],
    left: MOST,
  };
  const assignments = effectiveAssignments(facts, variable, Number.POSITIVE_INFINITY);
  const nodes = assignments.flatMap((assignment) =>
    expandAssignment(expansion, assignment, undefined, true, 0),
  );
  const { errors, unresolved } = expansion;
  const declared: DeclaredDependency = { variable, assignments, nodes, errors, unresolved };
  return { declared, origins: expansion.origins };
}

/** The assignments that make up the value a variable has just before `position`: from the last sure `=` on. */
export function effectiveAssignments(
  facts: EbuildFacts,
  name: string,
  position: number,
): readonly Assignment[] {
  let result: Assignment[] = [];
  for (const assignment of facts.assignments) {
    if (assignment.start >= position || assignment.name !== name || assignment.context === 'function')
      continue;
    if (assignment.operator === '=' && assignment.context === 'global') result = [];
    result.push(assignment);
  }
  return result;
}

function expandAssignment(
  expansion: Expansion,
  assignment: Assignment,
  via: string | undefined,
  exact: boolean,
  depth: number,
): DependencyNode[] {
  const parsed = parseValue(expansion.facts.text, assignment);
  expansion.errors.push(...parsed.errors);
  const origin = { viaVariable: via, exact: exact && assignment.context === 'global' };
  return parsed.nodes.flatMap((node) => expandNode(expansion, node, assignment, origin, depth));
}

function parseValue(text: string, assignment: Assignment): ParsedDependency {
  const { start, end } = assignment.valueRange;
  if (assignment.quote === 'array') return { nodes: [], errors: [] };
  if (assignment.quote !== 'mixed') return parseDependency(text.slice(start, end), start);
  // Bash takes the quotes between the pieces away; `offsets` leads from the joined text back to the file.
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
  const { nodes, errors } = parseDependency(joined);
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
  const keep = (reason: string): DependencyNode[] => {
    expansion.unresolved.push({ start: node.start, end: node.end, text: node.text, reason });
    expansion.origins.set(node, origin);
    return [node];
  };
  if (within.quote === 'single')
    return keep('Bash expands nothing between single quotes: use double quotes.');
  if (depth >= DEEPEST || expansion.left <= 0) return keep('Too many variables refer to one another.');
  expansion.left--;
  const reference = /^\$(?:\{(\w+)\}|(\w+))$/.exec(node.text);
  const name = reference?.[1] ?? reference?.[2];
  if (name !== undefined && !Object.hasOwn(expansion.predefined, name)) {
    const sources = effectiveAssignments(expansion.facts, name, within.start);
    if (sources.length === 0)
      return keep(`${name} is not set in this file before here; an eclass may set it.`);
    const via = origin.viaVariable ?? name;
    return sources.flatMap((source) => expandAssignment(expansion, source, via, origin.exact, depth + 1));
  }
  const text = expandText(expansion, node.text, within.start, depth);
  if (text === undefined) return keep('Its value is only known when bash runs.');
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

/** Replaces plain variables in a word by their values, where every one is known for sure. */
function expandText(expansion: Expansion, text: string, position: number, depth: number): string | undefined {
  let known = true;
  const result = text.replace(/\$(?:\{(\w+)\}|(\w+))|[$`]/g, (_match, braced?: string, bare?: string) => {
    const name = braced ?? bare;
    const value = name === undefined ? undefined : resolvedValue(expansion, name, position, depth);
    if (value === undefined) known = false;
    return value ?? '';
  });
  return known ? result : undefined;
}

function resolvedValue(
  expansion: Expansion,
  name: string,
  position: number,
  depth: number,
): string | undefined {
  if (Object.hasOwn(expansion.predefined, name)) return expansion.predefined[name];
  if (depth >= DEEPEST || expansion.left-- <= 0) return undefined;
  const sources = effectiveAssignments(expansion.facts, name, position);
  if (sources.length === 0) return undefined;
  let value = '';
  for (const source of sources) {
    if (source.context !== 'global' || source.quote === 'array') return undefined;
    for (const part of source.parts) {
      if (part.kind === 'opaque') return undefined;
      const piece =
        part.kind === 'text' ? part.text : resolvedValue(expansion, part.name, source.start, depth + 1);
      if (piece === undefined || value.length + piece.length > 10_000) return undefined;
      value += piece;
    }
  }
  return value;
}

const QUALIFIED_NAME =
  /^(!{0,2})(?:[<>]=?|=|~)?([A-Za-z0-9_][\w+.-]*\/[A-Za-z0-9_][A-Za-z0-9+_-]*?)(?=-[$\d`]|[:[*]|$)/;

/** The atoms that an unexpanded word speaks of, as far as category and name are written out. */
function guessAtoms(text: string, start: number): (TextRange & { readonly atom: Atom })[] {
  const result: (TextRange & { readonly atom: Atom })[] = [];
  const words =
    text.startsWith('$(') || text.startsWith('`')
      ? text.matchAll(/[^\s'"()`;|&]+/g)
      : [{ 0: text, index: 0 }];
  for (const word of words) {
    const match = QUALIFIED_NAME.exec(word[0]);
    const atom = match === null ? undefined : parseAtom(`${match[1] ?? ''}${match[2] ?? ''}`).atom;
    if (atom !== undefined)
      result.push({ atom, start: start + word.index, end: start + word.index + word[0].length });
  }
  return result;
}
