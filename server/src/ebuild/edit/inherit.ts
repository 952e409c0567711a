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

/**
 * Inherits an eclass that needs a variable to be set before it is inherited.
 *
 * @param variable the variable, such as `PYTHON_COMPAT`; it is left as it is if the text sets it already
 * @param value its value as bash reads it, e.g. `( python3_12 )`
 * @returns no edit where {@link addInherit} gives none, or if the first `inherit` is not at the beginning of a line
 */
export function addEclassWith(
  facts: EbuildFacts,
  eclass: string,
  variable: string,
  value: string,
): TextEdit[] {
  const [inheriting] = addInherit(facts, eclass);
  if (inheriting === undefined || facts.assignments.some(({ name }) => name === variable))
    return inheriting === undefined ? [] : [inheriting];
  const setting = setBeforeInherit(facts, variable, value);
  if (setting !== undefined) return setting.length === 0 ? [] : [...setting, inheriting];
  const newline = newlineOf(facts);
  const words = `${variable}=${value}${newline}inherit `;
  return [{ ...inheriting, newText: inheriting.newText.replace('inherit ', () => words) }];
}

/**
 * Sets a variable that an inherited eclass reads, on a line of its own above the first `inherit`.
 *
 * @param value as bash reads it
 * @returns no edit if the first `inherit` is not at the beginning of a line; undefined if nothing is inherited
 */
export function setBeforeInherit(
  facts: EbuildFacts,
  variable: string,
  value: string,
): TextEdit[] | undefined {
  const starts = [...facts.inherits, ...facts.unknownInherits]
    .filter(({ context }) => context === 'global')
    .map(({ start }) => start);
  if (starts.length === 0) return undefined;
  const start = facts.text.lastIndexOf('inherit', Math.min(...starts));
  if (start < 0 || (start > 0 && facts.text[start - 1] !== '\n')) return [];
  return [{ start, end: start, newText: `${variable}=${value}${newlineOf(facts)}` }];
}

const newlineOf = ({ text }: EbuildFacts): string => (text.includes('\r\n') ? '\r\n' : '\n');

/** Inherits another eclass instead of one. */
export function replaceInherit({ inherits }: EbuildFacts, from: string, to: string): TextEdit[] {
  return inherits
    .filter(({ name, context }) => name === from && context === 'global')
    .map(({ start, end }) => ({ start, end, newText: to }));
}
