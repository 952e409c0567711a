import type { EbuildFacts } from '../ebuild/ebuild-facts.ts';
import type { TextRange } from '../pms/text-range.ts';
import { findOccurrences, type Occurrence } from './occurrence.ts';
import type { ReadEbuild } from './read-ebuild.ts';

/** A variable or a function of a text, and every place that means the same one. */
export interface NameUses {
  readonly kind: Occurrence['kind'];
  readonly name: string;
  /** The place that was asked about. */
  readonly at: Occurrence;
  readonly uses: readonly Occurrence[];
  /** Whether the variable belongs to a function. */
  readonly isLocal: boolean;
}

/** Phases are called by the package manager (PMS 9.1). */
const PHASE = /^(?:pkg|src)_/;

/** The variable or function at an offset, or just before it; undefined if there is none. */
export function usesAt(ebuild: ReadEbuild, offset: number): NameUses | undefined {
  const { text } = ebuild.facts;
  for (const word of wordsAt(text, offset)) {
    const found = findOccurrences(text, ebuild.tree, text.slice(word.start, word.end));
    const at = found.find(({ start }) => start === word.start);
    if (at === undefined) continue;
    const name = text.slice(at.start, at.end);
    const same = found.filter(({ kind }) => kind === at.kind);
    if (at.kind === 'function') return { kind: at.kind, name, at, uses: same, isLocal: false };
    const uses = sameVariable(ebuild.facts, same, at);
    return { kind: at.kind, name, at, uses, isLocal: uses.some(({ localFrom }) => localFrom !== undefined) };
  }
  return undefined;
}

const LONGEST_NAME = 200;

/** The words at an offset that may be a name: of a variable, and of a function, which may have other characters too. */
export function wordsAt(text: string, offset: number): TextRange[] {
  const reach = (allowed: RegExp): TextRange => {
    let start = offset;
    while (start > 0 && offset - start < LONGEST_NAME && allowed.test(text[start - 1] ?? '')) start--;
    let end = offset;
    while (end < text.length && end - offset < LONGEST_NAME && allowed.test(text[end] ?? '')) end++;
    return { start, end };
  };
  const [plain, long] = [reach(/\w/), reach(/[\w.+@-]/)];
  const words = long.start === plain.start && long.end === plain.end ? [plain] : [plain, long];
  return words.filter(({ start, end }) => end > start && /[A-Za-z_]/.test(text[start] ?? ''));
}

/** The calls that are followed backwards from one function. */
const MOST_CALLS = 200;

/** The outermost variable. */
const OUTSIDE = 'outside';

/**
 * The occurrences of a name that are the same variable as one of them. A `local` variable belongs to its function, and to the functions that
 * this one calls (bash(1), FUNCTIONS: dynamic scoping).
 */
function sameVariable(
  facts: EbuildFacts,
  occurrences: readonly Occurrence[],
  at: Occurrence,
): readonly Occurrence[] {
  const locals = new Map<number, { readonly name: string; from: number }>();
  for (const { inFunction, localFrom } of occurrences) {
    if (inFunction === undefined || localFrom === undefined) continue;
    const known = locals.get(inFunction.start);
    if (known === undefined) locals.set(inFunction.start, { name: inFunction.name, from: localFrom });
    else known.from = Math.min(known.from, localFrom);
  }
  if (locals.size === 0) return occurrences;
  const localOf = ({ inFunction, localFrom, start }: Occurrence): string | undefined => {
    const local = inFunction === undefined ? undefined : locals.get(inFunction.start);
    const isInside = local !== undefined && (localFrom !== undefined || start >= local.from);
    return isInside ? `local ${inFunction?.start}` : undefined;
  };
  const join = createGroups();
  const homes = homesOfFreeNames(facts, locals);
  const groupOf = (occurrence: Occurrence): string => {
    const local = localOf(occurrence);
    if (local !== undefined || occurrence.inFunction === undefined) return local ?? OUTSIDE;
    return homes(occurrence.inFunction.name).reduce((first, home) => join.unite(first, home));
  };
  const grouped = occurrences.map((occurrence) => ({ occurrence, group: groupOf(occurrence) }));
  const outside = grouped.filter(({ group }) => join.find(group) === join.find(OUTSIDE));
  const exists = outside.some(({ occurrence }) => occurrence.defines || occurrence.inFunction === undefined);
  // A function that only a wrapper of an eclass calls has its variable from one of the functions here, if there is no other.
  if (outside.length > 0 && !exists) for (const { group } of grouped) join.unite(OUTSIDE, group);
  const wanted = join.find(grouped.find(({ occurrence }) => occurrence === at)?.group ?? OUTSIDE);
  return grouped.filter(({ group }) => join.find(group) === wanted).map(({ occurrence }) => occurrence);
}

/** Groups that can be united; each is known by the name of one of its members. */
function createGroups() {
  const leaders = new Map<string, string>();
  const find = (member: string): string => {
    let leader = member;
    for (let next = leaders.get(leader); next !== undefined; next = leaders.get(leader)) leader = next;
    if (leader !== member) leaders.set(member, leader);
    return leader;
  };
  return {
    find,
    /** @returns the name of the united group */
    unite(left: string, right: string): string {
      const [one, other] = [find(left), find(right)];
      if (one !== other) leaders.set(other, one);
      return one;
    },
  };
}

/**
 * Makes a function that gives the variables which a name may mean in a function that does not declare it: the local ones of the functions
 * that call it, directly or not, and the outermost one.
 */
function homesOfFreeNames(
  facts: EbuildFacts,
  locals: ReadonlyMap<number, { readonly name: string; readonly from: number }>,
): (name: string) => readonly string[] {
  const names = new Set(facts.functions.map(({ name }) => name));
  const calls = new Map<string, { readonly from: string | undefined; readonly start: number }[]>();
  for (const { name, inFunction, start } of facts.commands) {
    if (!names.has(name)) continue;
    const known = calls.get(name);
    if (known === undefined) calls.set(name, [{ from: inFunction, start }]);
    else known.push({ from: inFunction, start });
  }
  const localByName = new Map([...locals].map(([start, { name, from }]) => [name, { start, from }]));
  const known = new Map<string, readonly string[]>();
  const findHomes = (name: string): readonly string[] => {
    const homes = new Set<string>();
    const seen = new Set([name]);
    let steps = 0;
    for (const called of seen) {
      if (steps > MOST_CALLS) return [...homes, OUTSIDE];
      const callers = calls.get(called) ?? [];
      if (callers.length === 0 || PHASE.test(called)) homes.add(OUTSIDE);
      for (const { from, start } of callers) {
        steps++;
        const local = from === undefined ? undefined : localByName.get(from);
        if (from === undefined) homes.add(OUTSIDE);
        else if (local !== undefined && local.from <= start) homes.add(`local ${local.start}`);
        else seen.add(from);
      }
    }
    return homes.size === 0 ? [OUTSIDE] : [...homes];
  };
  return (name) => {
    const homes = known.get(name) ?? findHomes(name);
    known.set(name, homes);
    return homes;
  };
}
