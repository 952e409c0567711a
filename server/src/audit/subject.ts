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

/** The category, name and version of an ebuild, derived from its path (PMS 4.1). */
export interface EbuildIdentity {
  readonly category: string;
  /** `PF` of PMS 11.1. */
  readonly packageAndVersion: string;
}

/** An atom with the variable in which it is declared. */
export type PlacedAtom = DeclaredAtom;

/** The variables other than dependencies whose values are specifications (PMS 8.2). */
export type SpecificationVariable = 'REQUIRED_USE' | 'SRC_URI' | 'RESTRICT' | 'PROPERTIES' | 'LICENSE';

/** Everything that the static findings need, read once for all of them. */
export interface TextSubject {
  readonly facts: EbuildFacts;
  readonly knowledge: Knowledge | undefined;
  readonly identity: EbuildIdentity | undefined;
  readonly metadata: StaticMetadata;
  readonly dependencies: readonly DeclaredDependency[];
  /** Every declared atom, also those that are not exact, variable by variable. */
  readonly atoms: readonly PlacedAtom[];
  /** The parsed text of each assignment, with references to other variables left as they are. */
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
 * The atoms, including blockers, whose package name is certain: they are not in a branch that bash may skip, and no
 * unknown function generates them.
 */
export function certainAtoms({ atoms, facts }: Pick<TextSubject, 'atoms' | 'facts'>): readonly PlacedAtom[] {
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

/** Whether another alternative may be satisfied instead, so that an unsatisfied atom is not certainly an error. */
export function isAlternative(placed: DeclaredAtom): boolean {
  return placed.groups.some((kind) => kind !== 'all-of');
}

/** Whether the atom names the ebuild's own package, of which some versions may not be saved yet. */
export function isOwnPackage(
  { identity }: TextSubject,
  { category, name }: { category: string; name: string },
): boolean {
  if (identity === undefined || identity.category !== category) return false;
  return packageVariables(category, identity.packageAndVersion).PN === name;
}

/** The range of a part of a word; the whole word if the part comes from a variable's value. */
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
 * The packages that prove a statement about versions, slots or flags. Empty if only an installed package has the
 * name, because then the versions that its repository offers are unknown.
 */
export function offeredPackages(
  knowledge: Knowledge,
  { category, name }: { readonly category: string; readonly name: string },
): readonly OfferedPackage[] {
  const offered = knowledge.offered(category, name);
  return offered.some(({ repository }) => repository !== '') ? offered : [];
}
