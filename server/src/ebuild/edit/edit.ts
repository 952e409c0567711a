import { type Atom, parseAtom, printAtom } from '../../pms/atom.ts';
import type { DependencyNode } from '../../pms/dependency.ts';
import { type DependencyVariable, isDependencyVariable } from '../../pms/dependency-variable.ts';
import type { TextRange } from '../../pms/text-range.ts';
import type { UseCondition } from '../declared.ts';
import type { Assignment, EbuildFacts } from '../ebuild-facts.ts';
import { readPartialAtom } from '../partial-atom.ts';
import type { TextEdit } from '../text-edit.ts';
import {
  type AtomLocation,
  conditionsAround,
  listIn,
  locateAtom,
  valueList,
  type WrittenList,
} from './atom-location.ts';
import { insertIntoGroup, insertIntoValue, underConditions } from './list-edit.ts';
import { placeAppending, placeVariable } from './placement.ts';
import {
  assignmentsOf,
  carriersOf,
  carriersOfAdditions,
  chooseAssignment,
  isReferredTo,
} from './reference.ts';
import { isOnlyWord, isSuperfluous, takeOut } from './removal.ts';

/**
 * Adds an atom to dependency variables in Gentoo's style: tabs, one atom per line, in order if the list is sorted. If a
 * common carrier of several variables exists, as in `DEPEND="${RDEPEND}"`, the atom is added there once.
 *
 * @param atomText the atom to write, e.g. `dev-libs/openssl:=[${MULTILIB_USEDEP}]`, or the reference to atoms, e.g. `${PYTHON_DEPS}`
 * @param conditions the USE conditionals to put it in, outermost first
 * @returns no edit if the variables have this atom under these conditions, if `atomText` is not an atom, or if a variable
 *   is a bash array, which package managers do not read
 */
export function addAtom(
  facts: EbuildFacts,
  variables: DependencyVariable | readonly DependencyVariable[],
  atomText: string,
  conditions: readonly UseCondition[] = [],
): TextEdit[] {
  if (!isAtomText(atomText) && !isReference(atomText)) return [];
  const wanted = typeof variables === 'string' ? [variables] : variables;
  return chooseCarriers(facts, wanted).flatMap((name) => addEntry(facts, name, atomText, conditions));
}

/**
 * Adds an atom once for each alternative, such as `png? ( a/b ) jpeg? ( a/b )`; otherwise like {@link addAtom}.
 *
 * @param alternatives lists of USE conditionals, outermost first; an empty list is no condition
 */
export function addAtomUnder(
  facts: EbuildFacts,
  variables: readonly DependencyVariable[],
  atomText: string,
  alternatives: readonly (readonly UseCondition[])[],
): TextEdit[] {
  const single = alternatives.map((conditions) => addAtom(facts, variables, atomText, conditions));
  const edits = single.flat();
  const isInsertion = ({ start, end, newText }: TextEdit) =>
    start === end && newText !== newText.trim() && !/["']/.test(newText);
  if (single.length < 2 || edits.every(isInsertion)) return edits;
  // Two edits cannot both rewrite a value or an assignment, so the alternatives are written on one line.
  if (!isAtomText(atomText) && !isReference(atomText)) return [];
  const lacking = alternatives.filter((_, index) => (single[index]?.length ?? 0) > 0);
  const entry = lacking.map((conditions) => underConditions(atomText, conditions)).join(' ');
  return chooseCarriers(facts, variables).flatMap((name) => addEntry(facts, name, entry, []));
}

/** Adds the choice `|| ( a/b c/d )`; otherwise like {@link addAtom}, but without looking whether it is there. */
export function addAnyOf(
  facts: EbuildFacts,
  variables: readonly DependencyVariable[],
  atoms: readonly string[],
): TextEdit[] {
  if (!atoms.every(isAtomText)) return [];
  const entry = `|| ( ${atoms.join(' ')} )`;
  return chooseCarriers(facts, variables).flatMap((name) => addEntry(facts, name, entry, []));
}

/**
 * The variables to edit so that each wanted variable contains the atom: a common carrier that no other dependency variable
 * uses, else the wanted ones that are not carriers of each other.
 */
export function chooseCarriers(facts: EbuildFacts, wanted: readonly DependencyVariable[]): readonly string[] {
  if (wanted.length < 2) return wanted;
  const carriers = carriersOfAdditions(facts);
  const isSet = wanted.every((name) => carriers.has(name));
  const common = [...((isSet && carriers.get(wanted[0] as string)) || [])].filter((name) =>
    [...carriers].every(([user, names]) => names.has(name) === (wanted as readonly string[]).includes(user)),
  );
  if (common[0] !== undefined) return common.slice(0, 1);
  const getsFrom = (name: string, carrier: string) => carrier !== name && carriers.get(name)?.has(carrier);
  return wanted.filter((name) => !wanted.some((carrier) => getsFrom(name, carrier)));
}

function addEntry(
  facts: EbuildFacts,
  name: string,
  entry: string,
  conditions: readonly UseCondition[],
): TextEdit[] {
  const assignments = assignmentsOf(facts, name);
  if (assignments.some((assignment) => holds(facts.text, assignment, entry, conditions))) return [];
  const whole = underConditions(entry, conditions);
  if (assignments.length === 0) return isDependencyVariable(name) ? placeVariable(facts, name, whole) : [];
  const target = chooseAssignment(assignments);
  if (target !== undefined) return insertIntoValue(facts.text, target, entry, conditions);
  return isDependencyVariable(name) ? placeAppending(facts, name, assignments, whole) : [];
}

/**
 * Removes an atom: the word, its line if nothing else is on it, and the groups that would be empty without it. An
 * assignment that would be empty is removed too, unless something appends or refers to it.
 *
 * @param range of the atom, as `declaredAtoms` gives it; it may be in a helper variable
 * @returns no edit if the range is not a whole word of a quoted value, or contains more than one atom
 */
export function removeAtom(facts: EbuildFacts, range: TextRange): TextEdit[] {
  const location = locateAtom(facts, range);
  if (location === undefined || !isAtomWord(location.node)) return [];
  return [takeOut(facts, location)];
}

/**
 * Replaces a reference such as `${DEPEND}`, which is a word of its own, by entries; without entries it is removed as an atom is.
 *
 * @returns no edit if the range is not such a word
 */
export function replaceReference(
  facts: EbuildFacts,
  range: TextRange,
  entries: readonly string[],
): TextEdit[] {
  const location = locateAtom(facts, range);
  if (location === undefined || !/^\$(?:\{\w+\}|\w+)$/.test(facts.text.slice(range.start, range.end)))
    return [];
  if (entries.length === 0) return [takeOut(facts, location)];
  const newline = facts.text.includes('\r\n') ? '\r\n' : '\n';
  const { start, end } = location.assignment.valueRange;
  const isWhole = facts.text.slice(start, end).trim() === facts.text.slice(range.start, range.end);
  if (entries.length > 1 && isWhole)
    return [{ start, end, newText: `${newline}${entries.map((entry) => `\t${entry}${newline}`).join('')}` }];
  return [{ start: range.start, end: range.end, newText: entries.join(`${newline}\t`) }];
}

/**
 * Moves an atom to another dependency variable, or to the common carrier of several, under the same USE conditionals. If it is
 * the only word of its variable and the file does not set the other one, the variable is renamed.
 *
 * @param range of the atom, as `declaredAtoms` gives it
 * @param to several only if one carrier brings the atom to all of them
 * @param newText the atom to write instead
 * @returns no edit if its variable is a helper, refers to the new one, or is referred to; if it is an alternative of a group; or
 *   if it is one of several arguments of a generator
 */
export function moveAtom(
  facts: EbuildFacts,
  range: TextRange,
  to: DependencyVariable | readonly DependencyVariable[],
  newText?: string,
): TextEdit[] {
  const location = locateAtom(facts, range);
  if (location === undefined || !isAtomWord(location.node)) return [];
  const { assignment, node } = location;
  const conditions = conditionsAround(location);
  const [target, ...others] = typeof to === 'string' ? [to] : chooseCarriers(facts, to);
  if (target === undefined || others.length > 0) return [];
  if (conditions === undefined || !isDependencyVariable(assignment.name) || assignment.name === target)
    return [];
  if (assignment.context !== 'global' || isReferredTo(facts, assignment.name)) return [];
  if (carriersOf(facts).get(assignment.name)?.has(target)) return [];
  const written = facts.text.slice(node.start, node.end);
  const isThere = assignmentsOf(facts, target).length > 0;
  if (!isThere && isOnlyWord(location) && isSuperfluous(facts, assignment)) {
    const renamed = { ...assignment.nameRange, newText: target };
    if (newText === undefined || newText === written) return [renamed];
    return [renamed, { start: node.start, end: node.end, newText }];
  }
  const entry = asGenerated(facts.text, location, newText ?? written);
  const added = entry === undefined ? [] : addEntry(facts, target, entry, conditions);
  return added.length === 0 ? [] : [takeOut(facts, location), ...added];
}

/** The entry in the generator around the atom; undefined if the generator has other arguments, or is in another one. */
function asGenerated(text: string, { lists }: AtomLocation, entry: string): string | undefined {
  const generator = lists.find(({ holder }) => holder?.kind === 'opaque');
  if (generator?.holder === undefined) return entry;
  const before = text.slice(generator.holder.start, generator.inside.start);
  const after = text.slice(generator.inside.end, generator.holder.end);
  if (!/^['"]\s*\)$/.test(after) || lists.indexOf(generator) < lists.length - 1) return undefined;
  return `${before}${entry}${after}`;
}

/**
 * Puts an atom under a USE conditional: `a/b` becomes `flag? ( a/b )`, or moves into an adjacent group of the same flag.
 *
 * @param range of the atom, as `declaredAtoms` gives it
 * @returns no edit if the range is not a whole word, or if the atom is an alternative of a group
 */
export function wrapAtom(facts: EbuildFacts, range: TextRange, condition: UseCondition): TextEdit[] {
  const location = locateAtom(facts, range);
  if (location === undefined || !isAtomWord(location.node)) return [];
  const around = conditionsAround(location);
  if (around === undefined || around.some((outer) => isSame(outer, condition))) return [];
  const { node, lists } = location;
  const entry = facts.text.slice(node.start, node.end);
  const beside = neighbour(facts.text, lists[lists.length - 1], node, condition);
  if (beside !== undefined) return [takeOut(facts, location), insertIntoGroup(facts.text, beside, entry)];
  return [{ start: node.start, end: node.end, newText: underConditions(entry, [condition]) }];
}

/**
 * Takes an atom out of all USE conditionals around it, of which the empty ones are removed: `flag? ( a/b )` becomes `a/b`,
 * or moves under other conditionals.
 *
 * @param range of the atom, as `declaredAtoms` gives it
 * @param alternatives lists of USE conditionals to put it under instead, outermost first
 * @returns no edit if the range is not a whole word in a conditional, or if the atom is an alternative of a group or the
 *   argument of a generator
 */
export function unwrapAtom(
  facts: EbuildFacts,
  range: TextRange,
  alternatives: readonly (readonly UseCondition[])[] = [[]],
): TextEdit[] {
  const location = locateAtom(facts, range);
  if (location === undefined || !isAtomWord(location.node)) return [];
  const { assignment, lists, node } = location;
  const depth = lists.findIndex(({ holder }) => holder?.kind === 'use-conditional');
  const group = lists[depth]?.holder;
  const outside = lists[depth - 1];
  if (group === undefined || outside === undefined || conditionsAround(location) === undefined) return [];
  if (lists.some(({ holder }) => holder?.kind === 'opaque')) return [];
  const atom = facts.text.slice(node.start, node.end);
  const entry = alternatives.map((conditions) => underConditions(atom, conditions)).join(' ');
  const [only = []] = alternatives;
  const taken = takeOut(facts, location);
  const added =
    outside.holder !== undefined
      ? [insertIntoGroup(facts.text, outside, entry)]
      : alternatives.length === 1
        ? insertIntoValue(facts.text, assignment, atom, only)
        : insertIntoValue(facts.text, assignment, entry);
  const isApart = added.every(
    ({ start, end }) => start === end && (end <= taken.start || start >= taken.end),
  );
  if (isApart) return [...added, taken];
  const holdsMore = lists.slice(depth).some(({ nodes }) => nodes.length > 1);
  return holdsMore
    ? [{ start: group.start, end: group.start, newText: `${entry} ` }, taken]
    : [{ start: group.start, end: group.end, newText: entry }];
}

/**
 * Removes the outermost `|| ( )` around an atom, and whatever `removeAtom` would remove with an atom.
 *
 * @param range of one of its atoms, as `declaredAtoms` gives it
 * @returns the range of the group and the edits; undefined if the atom is not in such a group, or cannot be edited
 */
export function removeChoice(
  facts: EbuildFacts,
  range: TextRange,
): { readonly range: TextRange; readonly edits: readonly TextEdit[] } | undefined {
  const location = locateAtom(facts, range);
  const depth = location?.lists.findIndex(({ holder }) => holder?.kind === 'any-of') ?? -1;
  const group = location?.lists[depth]?.holder;
  if (location === undefined || group === undefined) return undefined;
  const edit = takeOut(facts, { ...location, node: group, lists: location.lists.slice(0, depth) });
  return { range: { start: group.start, end: group.end }, edits: [edit] };
}

/**
 * Replaces an atom by another text, such as the result of `changeAtomText`.
 *
 * @param range of the atom, as `declaredAtoms` gives it
 * @returns no edit if the range is not a whole word, or nothing changes
 */
export function replaceAtom(facts: EbuildFacts, range: TextRange, newText: string): TextEdit[] {
  const location = locateAtom(facts, range);
  if (location === undefined || !isAtomWord(location.node)) return [];
  const { start, end } = location.node;
  return facts.text.slice(start, end) === newText ? [] : [{ start, end, newText }];
}

/** Whether a word is one atom, perhaps with expansions in it. `${PN}` is always a valid name (PMS 11.1). */
function isAtomWord(node: DependencyNode): boolean {
  if (node.kind !== 'opaque') return node.kind === 'atom';
  return isAtomText(node.text.replace(/\$(?:\{PN\}|PN\b)/g, 'name'));
}

function isAtomText(text: string): boolean {
  const { atom, errors } = parseAtom(text);
  return (atom !== undefined && errors.length === 0) || readPartialAtom(text) !== undefined;
}

/** A variable of an eclass that has the atoms of a language. */
const isReference = (text: string): boolean => /^(?:\$\{[A-Z]+_DEPS\}|\$\([a-z_]+\))$/.test(text);

function isSame(left: UseCondition, right: UseCondition): boolean {
  return left.flag === right.flag && left.negated === right.negated;
}

/** The group of this flag directly before or after a node. */
function neighbour(
  text: string,
  list: WrittenList | undefined,
  node: DependencyNode,
  condition: UseCondition,
): WrittenList | undefined {
  const index = list?.nodes.indexOf(node) ?? -1;
  for (const beside of [list?.nodes[index - 1], list?.nodes[index + 1]]) {
    if (beside?.kind !== 'use-conditional' || beside.opaque || text[beside.end - 1] !== ')') continue;
    if (isSame(beside, condition)) return listIn(text, beside);
  }
  return undefined;
}

/** Whether the value has the entry under exactly these conditions. */
function holds(
  text: string,
  assignment: Assignment,
  entry: string,
  conditions: readonly UseCondition[],
): boolean {
  if (assignment.context !== 'global' || assignment.quote === 'array') return false;
  const { atom, errors } = parseAtom(entry);
  const printed = atom === undefined || errors.length > 0 ? entry : printAtom(atom);
  const inList = (nodes: readonly DependencyNode[], depth: number): boolean =>
    nodes.some((node) => {
      const condition = conditions[depth];
      if (condition !== undefined)
        return node.kind === 'use-conditional' && isSame(node, condition) && inList(node.children, depth + 1);
      if (node.kind === 'atom') return isSamePackage(node.atom, atom) && printAtom(node.atom) === printed;
      return node.kind === 'opaque' && node.text === entry;
    });
  return inList(valueList(text, assignment).nodes, 0);
}

/** False only if two atoms name different packages: printing all atoms of a long list takes long. */
function isSamePackage(left: Atom, right: Atom | undefined): boolean {
  return right === undefined || (left.name === right.name && left.category === right.category);
}
