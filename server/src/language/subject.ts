import type { Knowledge } from '../audit/knowledge.ts';
import type { EbuildIdentity } from '../audit/subject.ts';
import type { EbuildFacts } from '../ebuild/ebuild-facts.ts';

/** An ebuild and its surroundings. */
export interface LanguageSubject {
  readonly facts: EbuildFacts;
  /** Undefined for a text that is not in a repository yet. */
  readonly knowledge: Knowledge | undefined;
  readonly identity: EbuildIdentity | undefined;
}

/** The eclasses of an ebuild, in the order in which they are inherited. */
export function inheritsOf({ inherits }: EbuildFacts): readonly string[] {
  return inherits.map(({ name }) => name);
}
