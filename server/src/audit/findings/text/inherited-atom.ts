import { packageVariables } from '../../../ebuild/package-variables.ts';
import type { Finding } from '../../finding.ts';
import { reportInheritedAtoms } from '../../inherited-atom.ts';
import type { TextSubject } from '../../subject.ts';

/** `inherited-atom`, as far as the text of the inherited eclasses shows what they bring. */
export function findInheritedAtoms({ facts, knowledge, identity, atoms }: TextSubject): Finding[] {
  if (knowledge === undefined) return [];
  const own = identity && packageVariables(identity.category, identity.packageAndVersion).PN;
  const bringers = facts.inherits
    .filter(({ context }) => context === 'global')
    .flatMap(({ name }) =>
      (knowledge.eclass(name)?.brings ?? [])
        .filter(({ exceptFor }) => exceptFor === undefined || (own !== undefined && exceptFor !== own))
        .map(({ variable, atom }) => ({ variable, atom, eclass: name })),
    );
  return reportInheritedAtoms(facts, atoms, bringers);
}
