import type { DocumentedName } from '../ebuild/eclass-documentation.ts';
import type { LanguageSubject } from './subject.ts';
import { COMMANDS, EXPORT_FUNCTIONS } from './words/commands.ts';
import { PHASES } from './words/phases.ts';
import { EBUILD_VARIABLES, GIVEN_VARIABLES } from './words/variables.ts';
import type { Word } from './words/word.ts';

const byName = (words: readonly Word[]): ReadonlyMap<string, Word> =>
  new Map(words.map((word) => [word.name, word]));
const PHASE_NAMES = byName(PHASES);
const COMMAND_NAMES = byName([...COMMANDS, EXPORT_FUNCTIONS]);
const GIVEN_NAMES = byName(GIVEN_VARIABLES);
const VARIABLE_NAMES = byName([...EBUILD_VARIABLES, ...GIVEN_VARIABLES]);

/** The phase function of this name. */
export const findPhase = (name: string): Word | undefined => PHASE_NAMES.get(name);
/** The command of PMS 12.3 of this name. */
export const findCommand = (name: string): Word | undefined => COMMAND_NAMES.get(name);
/** The variable of PMS 7 or 11 of this name. */
export const findVariable = (name: string): Word | undefined => VARIABLE_NAMES.get(name);

/** Whether the package manager sets the variable of this name (PMS 11.1). */
export const isGiven = (name: string): boolean => GIVEN_NAMES.has(name);

/** A name, and the eclass that documents it. */
export interface EclassName {
  readonly eclass: string;
  readonly documented: DocumentedName;
}

/** No ebuild inherits more, and eclasses may inherit each other in a circle. */
const MOST_ECLASSES = 200;

/**
 * Every name that the text itself documents if it is an eclass, then those of the inherited eclasses, and those that these inherit: those of
 * the text's own list first. Reads their files.
 */
export function* documentedNames({ facts, knowledge, eclass: own }: LanguageSubject): Generator<EclassName> {
  if (own !== undefined)
    for (const documented of own.documentation.names.values()) yield { eclass: own.name, documented };
  if (knowledge === undefined) return;
  const eclasses = new Set(facts.inherits.map(({ name }) => name));
  for (const eclass of eclasses) {
    const found = eclass === own?.name ? undefined : knowledge.eclassDocumentation(eclass);
    if (found === undefined) continue;
    for (const documented of found.names.values()) yield { eclass, documented };
    for (const inherited of found.inherits) if (eclasses.size < MOST_ECLASSES) eclasses.add(inherited);
  }
}

/** The documentation of a function or a variable in the inherited eclasses, or in the text if it is an eclass. */
export function findInEclasses(
  name: string,
  kind: DocumentedName['kind'],
  subject: LanguageSubject,
): EclassName | undefined {
  for (const found of documentedNames(subject))
    if (found.documented.name === name && found.documented.kind === kind) return found;
  return undefined;
}
