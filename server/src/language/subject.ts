import type { Knowledge } from '../audit/knowledge.ts';
import type { EbuildIdentity } from '../audit/subject.ts';
import type { EbuildFacts } from '../ebuild/ebuild-facts.ts';
import type { EclassDocumentation } from '../ebuild/eclass-documentation.ts';
import { packageVariables } from '../ebuild/package-variables.ts';
import type { NamedPackage } from '../pms/package-name.ts';
import { isIn, type Word } from './words/word.ts';

/** The eclass whose text is open, and what its comments say now. */
export interface OwnEclass {
  readonly name: string;
  readonly documentation: EclassDocumentation;
}

/** An ebuild or an eclass, and its surroundings. */
export interface LanguageSubject {
  readonly facts: EbuildFacts;
  /** Undefined for a text that is not in a repository yet. */
  readonly knowledge: Knowledge | undefined;
  readonly identity: EbuildIdentity | undefined;
  /** Only for the text of an eclass. */
  readonly eclass?: OwnEclass;
}

/** The name of the ebuild's own package; undefined for a text that is in no repository. */
export function ownPackage({ identity }: LanguageSubject): NamedPackage | undefined {
  if (identity === undefined) return undefined;
  const { category, packageAndVersion } = identity;
  return { category, name: packageVariables(category, packageAndVersion).PN ?? '' };
}

/** Whether a word may be written: the EAPI of the ebuild has it, or one of those that the eclass supports. */
export function hasWord({ facts, eclass }: LanguageSubject, word: Word): boolean {
  if (eclass === undefined) return isIn(facts.eapi, word);
  const { eapis } = eclass.documentation;
  return eapis.length === 0 || eapis.some((eapi) => isIn(eapi, word));
}

/** What the text is called where a sentence speaks of it. */
export function nounOf({ eclass }: LanguageSubject): 'ebuild' | 'eclass' {
  return eclass === undefined ? 'ebuild' : 'eclass';
}
