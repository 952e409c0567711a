import { type Atom, parseAtom, printAtom } from '../../pms/atom.ts';
import type { DependencyNode } from '../../pms/dependency.ts';
import { type DependencyVariable, isDependencyVariable } from '../../pms/dependency-variable.ts';
import type { TextRange } from '../../pms/text-range.ts';
import type { UseCondition } from '../declared.ts';
import type { Assignment, EbuildFacts } from '../ebuild-facts.ts';
import { readPartialAtom } from '../partial-atom.ts';
import type { TextEdit } from '../text-edit.ts';
import { conditionsAround, listIn, locateAtom, valueList, type WrittenList } from './atom-location.ts';
import { insertIntoGroup, insertIntoValue, underConditions } from './list-edit.ts';
import { placeAppending, placeVariable } from './placement.ts';
import { assignmentsOf, carriersOf, carriersOfAdditions, chooseAssignment } from './reference.ts';
import { isOnlyWord, isSuperfluous, takeOut } from './removal.ts';

/**
 * Adds an atom to dependency variables in the house style of the file: tabs, one atom a line, in its place where the list is
 * sorted and else at the end. What stands in groups and conditionals stays as it is, and so does all the rest of the file.
 *
 * Several variables are served by the smallest edit: where `DEPEND="${RDEPEND}"`, or both refer to one helper variable that no
 * other dependency variable uses, the atom is added there once.
 *
 * @param atomText the atom as it shall be written, e.g. `dev-libs/openssl:=` or `dev-libs/openssl:=[${MULTILIB_USEDEP}]`
 * @param conditions USE conditionals that it shall stand in, outermost first
 * @returns no edit where the variables already name exactly this atom under these conditions, where `atomText` is not an atom,
 *   or where a variable is a bash array, which no package manager reads
 */
export function addAtom(
  facts: EbuildFacts,
  variables: DependencyVariable | readonly DependencyVariable[],
  atomText: string,
  conditions: readonly UseCondition[] = [],
): TextEdit[] {
  if (!isAtomText(atomText)) return [];
  const wanted = typeof variables === 'string' ? [variables] : variables;
  return chooseCarriers(facts, wanted).flatMap((name) => addEntry(facts, name, atomText, conditions));
}

/**
 * Adds an atom once for each of several conditions, as `png? ( a/b ) jpeg? ( a/b )`, otherwise like {@link addAtom}.
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
  const standsApart = ({ start, end, newText }: TextEdit) =>
    start === end && newText !== newText.trim() && !/["']/.test(newText);
  if (single.length < 2 || edits.every(standsApart)) return edits;
  // A value or an assignment that is written anew can't be written anew twice: there they share a line.
  if (!isAtomText(atomText)) return [];
  const lacking = alternatives.filter((_, index) => (single[index]?.length ?? 0) > 0);
  const entry = lacking.map((conditions) => underConditions(atomText, conditions)).join(' ');
  return chooseCarriers(facts, variables).flatMap((name) => addEntry(facts, name, entry, []));
}

/** The variables to edit so that every wanted one holds the atom: one that all of them hold, else each that no other brings. */
export function chooseCarriers(facts: EbuildFacts, wanted: readonly DependencyVariable[]): readonly string[] {
  if (wanted.length < 2) return wanted;
  const carriers = carriersOfAdditions(facts);
  const isSet = wanted.every((name) => carriers.has(name));
  const common = [...((isSet && carriers.get(wanted[0] as string)) || [])].filter((name) =>
    [...carriers].every(([user, names]) => names.has(name) === (wanted as readonly string[]).includes(user)),
  );
  if (common[0] !== undefined) return common.slice(0, 1);
  return wanted.filter((name) => !wanted.some((other) => other !== name && carriers.get(name)?.has(other)));
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
 * Takes an atom out: the word, its line where it stood alone, and the groups that would be empty without it. An assignment that
 * would be empty goes too, unless something appends or refers to it.
 *
 * @param range of the atom, as `declaredAtoms` gives it; where another variable holds it, it is taken out there
 * @returns no edit where the range is no whole word of a quoted value, or holds more than one atom
 */
export function removeAtom(facts: EbuildFacts, range: TextRange): TextEdit[] {
  const location = locateAtom(facts, range);
  if (location === undefined || !isAtomWord(location.node)) return [];
  return [takeOut(facts, location)];
}

/**
 * Moves an atom to another dependency variable, as it is written and under the same USE conditionals. A variable that held
 * nothing else is renamed where the other one is not there yet.
 *
 * @param range of the atom, as `declaredAtoms` gives it
 * @returns no edit where it cannot leave its variable: a helper variable or one that another refers to holds it, or its
 *   variable refers to `to`; where it is one choice of several; where it depends on the other arguments of a generator
 */
export function moveAtom(facts: EbuildFacts, range: TextRange, to: DependencyVariable): TextEdit[] {
  const location = locateAtom(facts, range);
  if (location === undefined || !isAtomWord(location.node)) return [];
  const { assignment, lists, node } = location;
  const conditions = conditionsAround(location);
  if (conditions === undefined || !isDependencyVariable(assignment.name) || assignment.name === to) return [];
  if (assignment.context !== 'global' || isReferredTo(facts, assignment.name)) return [];
  if (carriersOf(facts).get(assignment.name)?.has(to)) return [];
  const isThere = assignmentsOf(facts, to).length > 0;
  if (!isThere && isOnlyWord(location) && isSuperfluous(facts, assignment))
    return [{ ...assignment.nameRange, newText: to }];
  const generator = lists.find(({ holder }) => holder?.kind === 'opaque');
  let entry = facts.text.slice(node.start, node.end);
  if (generator?.holder !== undefined) {
    const before = facts.text.slice(generator.holder.start, generator.inside.start);
    const after = facts.text.slice(generator.inside.end, generator.holder.end);
    if (!/^['"]\s*\)$/.test(after) || lists.indexOf(generator) < lists.length - 1) return [];
    entry = `${before}${entry}${after}`;
  }
  const added = addEntry(facts, to, entry, conditions);
  return added.length === 0 ? [] : [takeOut(facts, location), ...added];
}

/**
 * Puts an atom under a USE conditional: `a/b` becomes `flag? ( a/b )`, or goes into a group of the same flag right beside it.
 *
 * @param range of the atom, as `declaredAtoms` gives it
 * @returns no edit where the range is no whole word, or where the atom is one choice of several
 */
export function wrapAtom(facts: EbuildFacts, range: TextRange, condition: UseCondition): TextEdit[] {
  const location = locateAtom(facts, range);
  if (location === undefined || !isAtomWord(location.node)) return [];
  const around = conditionsAround(location);
  if (around === undefined || around.some((one) => isSame(one, condition))) return [];
  const { node, lists } = location;
  const entry = facts.text.slice(node.start, node.end);
  const beside = neighbour(facts.text, lists[lists.length - 1], node, condition);
  if (beside !== undefined) return [takeOut(facts, location), insertIntoGroup(facts.text, beside, entry)];
  return [{ start: node.start, end: node.end, newText: underConditions(entry, [condition]) }];
}

/**
 * Takes an atom out of every USE conditional around it: `flag? ( a/b )` becomes `a/b`, in its place among the atoms where they are
 * sorted, or goes under other conditionals. What else the conditionals hold stays in them; one that held nothing else goes.
 *
 * @param range of the atom, as `declaredAtoms` gives it
 * @param alternatives lists of USE conditionals to put it under instead, outermost first
 * @returns no edit where the range is no whole word, where no conditional is around it, or where the atom is one choice of several
 *   or the argument of a generator
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
 * Takes out the outermost `|| ( )` that an atom is one choice of, with what `removeAtom` takes out with an atom.
 *
 * @param range of one of its atoms, as `declaredAtoms` gives it
 * @returns what is taken out as `range`; undefined where the atom stands in no such group, or in a piece of the text that can't be edited
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
 * Replaces an atom by another text, such as `changeAtomText` makes.
 *
 * @param range of the atom, as `declaredAtoms` gives it
 * @returns no edit where the range is no whole word, or nothing changes
 */
export function replaceAtom(facts: EbuildFacts, range: TextRange, newText: string): TextEdit[] {
  const location = locateAtom(facts, range);
  if (location === undefined || !isAtomWord(location.node)) return [];
  const { start, end } = location.node;
  return facts.text.slice(start, end) === newText ? [] : [{ start, end, newText }];
}

/** Whether another variable that is set outside functions holds what this one holds, in whatever form or group. */
function isReferredTo({ text, assignments }: EbuildFacts, name: string): boolean {
  const reference = new RegExp(`\\$\\{?${name}\\b`);
  return assignments.some(
    (other) =>
      other.name !== name &&
      other.context !== 'function' &&
      reference.test(text.slice(other.start, other.end)),
  );
}

/** Whether a word is one atom, whole or with parts that bash expands. `${PN}` is a name, and only that (PMS 11.1). */
function isAtomWord(node: DependencyNode): boolean {
  if (node.kind !== 'opaque') return node.kind === 'atom';
  return isAtomText(node.text.replace(/\$(?:\{PN\}|PN\b)/g, 'name'));
}

function isAtomText(text: string): boolean {
  const { atom, errors } = parseAtom(text);
  return (atom !== undefined && errors.length === 0) || readPartialAtom(text) !== undefined;
}

function isSame(left: UseCondition, right: UseCondition): boolean {
  return left.flag === right.flag && left.negated === right.negated;
}

/** The group of this flag that stands right before or after a node. */
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

/** Whether the value names the entry under exactly these conditions. */
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
