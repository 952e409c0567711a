import { type DeclaredAtom, type DeclaredDependency, declaredWithAtoms } from '../ebuild/declared.ts';
import type { EbuildFacts } from '../ebuild/ebuild-facts.ts';
import { repeatsItsArgument } from '../ebuild/generator-call.ts';
import { packageVariables } from '../ebuild/package-variables.ts';
import { type StaticMetadata, staticMetadata } from '../ebuild/static-metadata.ts';
import { effectiveAssignments } from '../ebuild/variable-value.ts';
import { DEPENDENCY_VARIABLES } from '../pms/dependency-variable.ts';
import { parseLicense, parseRestrict } from '../pms/name-list.ts';
import type { OfferedPackage } from '../pms/offered-package.ts';
import { parseRequiredUse } from '../pms/required-use.ts';
import { parseSourceUri } from '../pms/source-uri.ts';
import type { Item, Specification } from '../pms/specification.ts';
import type { TextRange } from '../pms/text-range.ts';
import type { Knowledge } from './knowledge.ts';

/** What the place of an ebuild says of it (PMS 4.1); undefined for a text that has no place yet. */
export interface EbuildIdentity {
  readonly category: string;
  /** `PF` of PMS 11.1. */
  readonly packageAndVersion: string;
}

/** An atom as it is declared, with the variable that it is declared in. */
export type PlacedAtom = DeclaredAtom;

/** The variables other than dependencies whose values are specifications (PMS 8.2). */
export type SpecificationVariable = 'REQUIRED_USE' | 'SRC_URI' | 'RESTRICT' | 'PROPERTIES' | 'LICENSE';

/** Everything that the static findings look at, read once for all of them. */
export interface TextSubject {
  readonly facts: EbuildFacts;
  readonly knowledge: Knowledge | undefined;
  readonly identity: EbuildIdentity | undefined;
  readonly metadata: StaticMetadata;
  readonly dependencies: readonly DeclaredDependency[];
  /** Every declared atom, also those that are not exact, variable by variable. */
  readonly atoms: readonly PlacedAtom[];
  /** What the text of each assignment says; references to other variables are left as they are. */
  readonly specifications: readonly {
    readonly variable: SpecificationVariable;
    readonly parsed: Specification<Item>;
  }[];
}

/** Reads an ebuild for the static findings. Total. */
export function readTextSubject(
  facts: EbuildFacts,
  knowledge: Knowledge | undefined,
  identity: EbuildIdentity | undefined,
): TextSubject {
  const predefined = identity && packageVariables(identity.category, identity.packageAndVersion);
  const read = DEPENDENCY_VARIABLES.map((variable) => declaredWithAtoms(facts, variable, predefined));
  return {
    facts,
    knowledge,
    identity,
    metadata: staticMetadata(facts, predefined),
    dependencies: read.map(({ declared }) => declared),
    atoms: read.flatMap(({ atoms }) => atoms),
    specifications: readSpecifications(facts),
  };
}

const READERS: Readonly<
  Record<SpecificationVariable, typeof parseRestrict | typeof parseRequiredUse | typeof parseSourceUri>
> = {
  REQUIRED_USE: parseRequiredUse,
  SRC_URI: parseSourceUri,
  RESTRICT: parseRestrict,
  PROPERTIES: parseRestrict,
  LICENSE: parseLicense,
};

function readSpecifications(facts: EbuildFacts): TextSubject['specifications'] {
  const rules = { eapi: facts.eapi, ebuild: true };
  return (Object.keys(READERS) as SpecificationVariable[]).flatMap((variable) =>
    effectiveAssignments(facts, variable, Number.POSITIVE_INFINITY)
      .filter(({ quote }) => quote !== 'array' && quote !== 'mixed')
      .map(({ valueRange: { start, end } }) => ({
        variable,
        parsed: READERS[variable](facts.text.slice(start, end), start, rules),
      })),
  );
}

/**
 * The atoms of which it is certain that the ebuild names a package so, blockers too: they stand outside branches that bash may
 * not take, and no function makes them that nobody here knows.
 */
export function certainAtoms({ atoms, facts }: TextSubject): readonly PlacedAtom[] {
  return atoms.filter((placed) => {
    if (placed.exact) return true;
    if (placed.generator !== undefined && !repeatsItsArgument(placed.generator)) return false;
    const inexact = placed.generator !== undefined || placed.unknown.length > 0;
    return inexact && inGlobalAssignment(facts, placed.range);
  });
}

function inGlobalAssignment(facts: EbuildFacts, { start, end }: TextRange): boolean {
  return facts.assignments.some(
    (assignment) => assignment.context === 'global' && assignment.start <= start && assignment.end >= end,
  );
}

/** Whether another alternative may do the work of this atom: then it is not surely wrong that nothing satisfies it. */
export function isAlternative(placed: DeclaredAtom): boolean {
  return placed.groups.some((kind) => kind !== 'all-of');
}

/** Whether the atom names the ebuild's own package, whose versions may not all be saved yet. */
export function isOwnPackage(
  { identity }: TextSubject,
  { category, name }: { category: string; name: string },
): boolean {
  if (identity === undefined || identity.category !== category) return false;
  return packageVariables(category, identity.packageAndVersion).PN === name;
}

/** Where a part of a word stands in the text; the whole word where a variable's value holds it. */
export function rangeWithin(
  { facts }: TextSubject,
  word: TextRange,
  part: string,
): TextRange & { readonly found: boolean } {
  const at = facts.text.slice(word.start, word.end).indexOf(part);
  if (at < 0) return { start: word.start, end: word.end, found: false };
  return { start: word.start + at, end: word.start + at + part.length, found: true };
}

/**
 * The packages that a statement about versions, slots or flags can rest on: none where the name is known only because it is
 * installed, for then nobody here knows what its repository offers.
 */
export function offeredPackages(
  knowledge: Knowledge,
  { category, name }: { readonly category: string; readonly name: string },
): readonly OfferedPackage[] {
  const offered = knowledge.offered(category, name);
  return offered.some(({ repository }) => repository !== '') ? offered : [];
}
