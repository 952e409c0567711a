import type { Knowledge } from '../audit/knowledge.ts';
import type { EbuildIdentity } from '../audit/subject.ts';
import type { EbuildFacts } from '../ebuild/ebuild-facts.ts';
import { packageVariables } from '../ebuild/package-variables.ts';
import type { NamedPackage } from '../pms/package-name.ts';

/** An ebuild and its surroundings. */
export interface LanguageSubject {
  readonly facts: EbuildFacts;
  /** Undefined for a text that is not in a repository yet. */
  readonly knowledge: Knowledge | undefined;
  readonly identity: EbuildIdentity | undefined;
}

/** The name of the ebuild's own package; undefined for a text that is in no repository. */
export function ownPackage({ identity }: LanguageSubject): NamedPackage | undefined {
  if (identity === undefined) return undefined;
  const { category, packageAndVersion } = identity;
  return { category, name: packageVariables(category, packageAndVersion).PN ?? '' };
}

/** The eclasses of an ebuild, in the order in which they are inherited. */
export function inheritsOf({ inherits }: EbuildFacts): readonly string[] {
  return inherits.map(({ name }) => name);
}
