import type { EbuildFacts } from '../ebuild/ebuild-facts.ts';
import type { Finding } from './finding.ts';
import { findDuplicateAtoms } from './findings/text/duplicate-atom.ts';
import { findInvalidAtoms } from './findings/text/invalid-atom.ts';
import { findMissingPkgconfig } from './findings/text/missing-pkgconfig.ts';
import { findMovedPackages } from './findings/text/package-moved.ts';
import { findUnknownPackages } from './findings/text/unknown-package.ts';
import { findUnknownSlots } from './findings/text/unknown-slot.ts';
import { findUnknownUseFlags } from './findings/text/unknown-use-flag.ts';
import { findUnknownVersions } from './findings/text/unknown-version.ts';
import type { Knowledge } from './knowledge.ts';
import { type EbuildIdentity, readTextSubject, type TextSubject } from './subject.ts';

const CHECKS: readonly ((subject: TextSubject) => Finding[])[] = [
  findInvalidAtoms,
  findMovedPackages,
  findUnknownPackages,
  findUnknownVersions,
  findUnknownSlots,
  findUnknownUseFlags,
  findDuplicateAtoms,
  findMissingPkgconfig,
];

/**
 * What can be said against an ebuild without building it. Total, and takes milliseconds, so that every keystroke is checked.
 * A word that several variables take over from one place is reported once.
 *
 * @param knowledge where it is missing or incomplete, only what the text alone proves is said
 * @param identity undefined where the text has no place in a repository
 * @returns in no order
 */
export function checkText(
  facts: EbuildFacts,
  knowledge: Knowledge | undefined,
  identity: EbuildIdentity | undefined,
): readonly Finding[] {
  const subject = readTextSubject(facts, knowledge, identity);
  return onceEach(CHECKS.flatMap((check) => check(subject)));
}

function onceEach(findings: readonly Finding[]): readonly Finding[] {
  const unique = new Map<string, Finding>();
  for (const finding of findings) {
    const key = `${finding.code} ${finding.range.start} ${finding.range.end}`;
    if (!unique.has(key)) unique.set(key, finding);
  }
  return [...unique.values()];
}
