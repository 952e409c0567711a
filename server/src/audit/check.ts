import type { EbuildFacts } from '../ebuild/ebuild-facts.ts';
import type { Finding } from './finding.ts';
import { findDuplicateAtoms } from './findings/text/duplicate-atom.ts';
import { findEclassesNotHere } from './findings/text/eclass-not-here.ts';
import { findIgnoredVariables } from './findings/text/ignored-variable.ts';
import { findInheritedAtoms } from './findings/text/inherited-atom.ts';
import { findInvalidAtoms } from './findings/text/invalid-atom.ts';
import { findInvalidEapi } from './findings/text/invalid-eapi.ts';
import { findMissingPkgconfig } from './findings/text/missing-pkgconfig.ts';
import { findMissingTargetUseDependencies } from './findings/text/missing-target-usedep.ts';
import { findMissingTestRestrict } from './findings/text/missing-test-restrict.ts';
import { findDeprecatedPackages } from './findings/text/package-deprecated.ts';
import { findMovedPackages } from './findings/text/package-moved.ts';
import { findSyntaxErrors } from './findings/text/syntax-error.ts';
import { findUnknownEclasses } from './findings/text/unknown-eclass.ts';
import { findUnknownPackages } from './findings/text/unknown-package.ts';
import { findUnknownSlots } from './findings/text/unknown-slot.ts';
import { findUnknownUseFlags } from './findings/text/unknown-use-flag.ts';
import { findUnknownValues } from './findings/text/unknown-value.ts';
import { findUnknownVersions } from './findings/text/unknown-version.ts';
import type { Knowledge } from './knowledge.ts';
import { type EbuildIdentity, readTextSubject, type TextSubject } from './subject.ts';

const CHECKS: readonly ((subject: TextSubject) => Finding[])[] = [
  findSyntaxErrors,
  findInvalidEapi,
  findUnknownEclasses,
  findEclassesNotHere,
  findInvalidAtoms,
  findMovedPackages,
  findDeprecatedPackages,
  findUnknownPackages,
  findUnknownVersions,
  findUnknownSlots,
  findUnknownUseFlags,
  findUnknownValues,
  findDuplicateAtoms,
  findMissingPkgconfig,
  findMissingTargetUseDependencies,
  findIgnoredVariables,
  findInheritedAtoms,
  findMissingTestRestrict,
];

/**
 * Gives the findings of an ebuild's text without building it. Total. Takes milliseconds, so every keystroke can be
 * checked. A word that several variables take from one place is reported once.
 *
 * @param knowledge if it is missing or incomplete, only findings that the text alone proves are given
 * @param identity undefined if the text has no place in a repository
 * @returns in no order
 */
export function checkText(
  facts: EbuildFacts,
  knowledge: Knowledge | undefined,
  identity: EbuildIdentity | undefined,
): readonly Finding[] {
  const subject = readTextSubject(facts, knowledge, identity);
  return withoutDuplicates(CHECKS.flatMap((check) => check(subject)));
}

function withoutDuplicates(findings: readonly Finding[]): readonly Finding[] {
  const unique = new Map<string, Finding>();
  for (const finding of findings) {
    const key = `${finding.code} ${finding.range.start} ${finding.range.end}`;
    if (!unique.has(key)) unique.set(key, finding);
  }
  return [...unique.values()];
}
