import { declaredAtoms } from '../ebuild/declared.ts';
import type { EbuildFacts } from '../ebuild/facts.ts';
import type { Atom } from '../pms/atom.ts';
import { collectAtoms, parseDependency } from '../pms/dependency.ts';
import { matchesAtom } from '../pms/match.ts';
import type { DependencyVariable, Need, TrialRecord } from './record.ts';

/**
 * Whether the text as it stands declares what a need asks for. Eclasses' atoms, which the text does not show, are taken
 * from the record. What is declared under a USE conditional counts: whether the condition is right is another question.
 *
 * A build-time need is met by DEPEND and BDEPEND alike, because on a native build both are visible (PMS 8.1).
 */
export function declares(facts: EbuildFacts, record: TrialRecord, need: Need): boolean {
  const variables: readonly DependencyVariable[] =
    need.variable === 'RDEPEND' ? ['RDEPEND'] : ['DEPEND', 'BDEPEND'];
  return variables.some((variable) =>
    [
      ...declaredAtoms(facts, variable).map(({ atom }) => atom),
      ...parseAtoms(record.inherited[variable]),
    ].some((atom) => names(atom, need)),
  );
}

function names(atom: Atom, need: Need): boolean {
  if (atom.blocker !== '') return false;
  return matchesAtom(atom, need.package) || `${atom.category}/${atom.name}` === need.atom;
}

export function parseAtoms(texts: readonly string[]): Atom[] {
  return collectAtoms(parseDependency(texts.join(' ')).nodes).map(({ atom }) => atom);
}
