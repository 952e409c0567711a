import type { EbuildFacts } from '../ebuild-facts.ts';
import type { TextEdit } from '../text-edit.ts';

/** PMS 3.1.5. */
const ECLASS_NAME = /^[A-Za-z_][\w.-]*$/;

/**
 * Inherits one more eclass (PMS 10.1): at the end of the last `inherit` line, because the phases of the last eclass take
 * precedence, else on a line of its own below the EAPI.
 *
 * @returns no edit if it is inherited already, if `eclass` is not a valid name, or if the text has neither line
 */
export function addInherit(facts: EbuildFacts, eclass: string): TextEdit[] {
  if (!ECLASS_NAME.test(eclass) || facts.inherits.some(({ name }) => name === eclass)) return [];
  const ends = [...facts.inherits, ...facts.unknownInherits]
    .filter(({ context }) => context === 'global')
    .map(({ end }) => end);
  if (ends.length > 0) {
    const end = Math.max(...ends);
    return [{ start: end, end, newText: ` ${eclass}` }];
  }
  if (facts.eapiRange === undefined) return [];
  const newline = facts.text.includes('\r\n') ? '\r\n' : '\n';
  const { end } = facts.eapiRange;
  return [{ start: end, end, newText: `${newline}${newline}inherit ${eclass}` }];
}
