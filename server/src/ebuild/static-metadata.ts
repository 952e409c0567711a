import type { TextRange } from '../pms/text-range.ts';
import type { Assignment, EbuildFacts } from './ebuild-facts.ts';
import type { Predefined } from './package-variables.ts';
import { assignedValue, type Budget, effectiveAssignments } from './variable-value.ts';

/** The value of one variable as far as the text gives it. */
export interface StaticValue {
  /** Undefined if only bash or an eclass knows it. */
  readonly value: string | undefined;
  /** The last effective assignment, from the name to the end of the value; undefined if the file has none. */
  readonly range: TextRange | undefined;
  /** One sentence that says why the value is not known. */
  readonly reason: string | undefined;
}

/** The variables of PMS 7.2 and 7.3 that are not dependencies themselves, but matter for dependencies. */
export const METADATA_VARIABLES = [
  'SLOT',
  'IUSE',
  'KEYWORDS',
  'LICENSE',
  'PROPERTIES',
  'RESTRICT',
  'REQUIRED_USE',
  'SRC_URI',
] as const;
export type MetadataVariable = (typeof METADATA_VARIABLES)[number];

/** The metadata in the text of an ebuild, without the parts that its eclasses add (PMS 7 and 10.2). */
export interface StaticMetadata {
  /** `0` if the text has no EAPI (PMS 7.3.1). */
  readonly eapi: string;
  /** The slot without the subslot (PMS 7.2). */
  readonly slot: string | undefined;
  /** Equal to `slot` if the text gives no subslot; undefined if `slot` is. */
  readonly subslot: string | undefined;
  /** The flags of the ebuild's own IUSE, without those of eclasses and without `+` and `-`. Undefined if not known. */
  readonly iuse: readonly string[] | undefined;
  /** The inherited eclasses in order, each once, including those in branches that bash may not take. */
  readonly inherits: readonly string[];
  /** False if an `inherit` line has a word whose value is not known. */
  readonly inheritsKnown: boolean;
  readonly values: Readonly<Record<MetadataVariable, StaticValue>>;
}

/** Eclasses add to these variables, and the ebuild's own part begins empty (PMS 10.2; the last two from EAPI 8 on). */
const ACCUMULATED: ReadonlySet<MetadataVariable> = new Set([
  'IUSE',
  'REQUIRED_USE',
  'PROPERTIES',
  'RESTRICT',
]);
const PHASE = /^(?:pkg|src)_/;
const SLOT = /^[A-Za-z0-9_][A-Za-z0-9+_.-]*$/;
/** The number of references that are followed for one variable. */
const MOST = 500;

/**
 * Reads the metadata of an ebuild from its text alone. Total, and without guessing: a value is given only if bash would
 * always get the same, whichever other variables the eclasses set.
 *
 * @param predefined the values of `packageVariables`
 */
export function staticMetadata(facts: EbuildFacts, predefined: Predefined = {}): StaticMetadata {
  const byHelpers = assignedByHelpers(facts);
  const read = (name: MetadataVariable): StaticValue => readVariable(facts, name, predefined, byHelpers);
  const values = Object.fromEntries(METADATA_VARIABLES.map((name) => [name, read(name)])) as Record<
    MetadataVariable,
    StaticValue
  >;
  const [slot, subslot = slot, ...rest] = values.SLOT.value?.trim().split('/') ?? [];
  const valid = slot !== undefined && SLOT.test(slot) && SLOT.test(subslot ?? '') && rest.length === 0;
  const iuse = values.IUSE.value?.match(/\S+/g)?.map((word) => word.replace(/^[+-]/, '')) ?? [];
  return {
    eapi: facts.eapi,
    slot: valid ? slot : undefined,
    subslot: valid ? subslot : undefined,
    iuse: values.IUSE.value === undefined ? undefined : [...new Set(iuse)],
    inherits: [...new Set(facts.inherits.map(({ name }) => name))],
    inheritsKnown: facts.unknownInherits.length === 0,
    values,
  };
}

function readVariable(
  facts: EbuildFacts,
  name: MetadataVariable,
  predefined: Predefined,
  byHelpers: ReadonlySet<string>,
): StaticValue {
  const sources = effectiveAssignments(facts, name, Number.POSITIVE_INFINITY);
  const last = sources[sources.length - 1];
  const range = last === undefined ? undefined : { start: last.start, end: last.end };
  const unknown = (reason: string): StaticValue => ({ value: undefined, range, reason });
  if (byHelpers.has(name)) return unknown(`A function of this file sets ${name}: only bash knows when.`);
  const accumulated = ACCUMULATED.has(name);
  if (!accumulated && sources[0]?.operator !== '=')
    return unknown(`${name} is not set in this file; an eclass may set it.`);
  const budget: Budget = { left: MOST };
  let value = '';
  for (const source of sources) {
    if (source.context !== 'global') return unknown(`${name} is set in a branch that bash may skip.`);
    const piece = ownValue(facts, source, predefined, budget, accumulated);
    if (piece === undefined) return unknown(`Only bash knows a part of ${name}.`);
    value += piece;
  }
  return { value, range, reason: undefined };
}

function ownValue(
  facts: EbuildFacts,
  source: Assignment,
  predefined: Predefined,
  budget: Budget,
  accumulated: boolean,
): string | undefined {
  // `IUSE="${IUSE} x"` before any other IUSE appends to nothing, because the part of eclasses is separate (PMS 10.2).
  const own = accumulated && effectiveAssignments(facts, source.name, source.start).length === 0;
  return assignedValue(
    { facts, predefined: own ? { ...predefined, [source.name]: '' } : predefined, budget },
    source,
  );
}

/** The variables that are assigned in functions other than phases, which the ebuild may call while it is sourced. */
function assignedByHelpers(facts: EbuildFacts): ReadonlySet<string> {
  const helpers = facts.functions.filter(({ name }) => !PHASE.test(name));
  const names = new Set<string>();
  // Both are in the order of the text, and of functions that begin before an assignment, the one that ends last contains it if any does.
  let next = 0;
  let reach = 0;
  for (const { name, context, start, end } of facts.assignments) {
    for (let helper = helpers[next]; helper !== undefined && helper.start <= start; helper = helpers[++next])
      reach = Math.max(reach, helper.end);
    if (context === 'function' && end <= reach) names.add(name);
  }
  return names;
}
