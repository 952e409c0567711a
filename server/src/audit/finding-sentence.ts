/**
 * The sentence of a finding: what to do, then why.
 *
 * @param remedy a clause in the imperative, e.g. `add dev-libs/expat to DEPEND`
 * @param reason a clause
 */
export function toSentence(remedy: string, reason: string): string {
  return `${remedy.charAt(0).toUpperCase()}${remedy.slice(1)}: ${reason}.`;
}
